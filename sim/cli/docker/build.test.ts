import { beforeEach, describe, expect, it } from 'vitest';
import { World } from '../../complete.ts';
import { typed } from './console.fixture.ts';

let world: World;
const sh = (command: string): string => typed(world, command);

beforeEach(() => {
  world = World.create('docker');
});

describe('images made here', () => {
  it('a step whose files are the same comes from the cache, everything after a change is made anew', () => {
    sh("mkdir app; cd app; echo one > a; printf 'FROM busybox\\nCOPY a /a\\nRUN cat /a > /b\\n' > Dockerfile; docker build -q -t app .");
    expect(sh('docker build . 2>&1 | grep -c "Using cache"')).toBe('2\n');
    sh('echo two > a');
    expect(sh('docker build -t app . 2>&1 | grep -c "Using cache"; docker run --rm app cat /b')).toBe('0\ntwo\n');
  });

  it('what a file of exclusions names is not sent', () => {
    sh("mkdir d; cd d; touch keep drop.log; mkdir sub; touch sub/deep.log; printf '**/*.log\\n!sub/deep.log\\n' > .dockerignore");
    sh("printf 'FROM busybox\\nCOPY . /all\\n' > Dockerfile; docker build -q -t all . 2>/dev/null");
    expect(sh('docker run --rm all find /all -type f | sort')).toBe('/all/.dockerignore\n/all/Dockerfile\n/all/keep\n/all/sub/deep.log\n');
  });

  it('a stage takes files from another, and leaves the rest of it behind', () => {
    sh(
      "printf 'FROM busybox AS make\\nRUN echo built > /out; echo rest > /rest\\nFROM busybox\\nCOPY --from=make /out /out\\n' | docker build -q -t staged - 2>/dev/null",
    );
    expect(sh('docker run --rm staged cat /out /rest 2>&1')).toBe("built\ncat: can't open '/rest': No such file or directory\n");
  });

  it('steps that fail end the build with their status, and the container stays to be looked at', () => {
    expect(sh("printf 'FROM busybox\\nRUN exit 3\\n' | docker build -q - 2>/dev/null; echo $?; docker ps -aq | wc -l")).toBe('3\n1\n');
  });

  it('what only BuildKit does, and other users, are refused by name', () => {
    expect(sh("printf 'FROM busybox\\nRUN --mount=type=cache,target=/x true\\n' | docker build - 2>&1 | tail -1")).toContain(
      'the --mount option requires BuildKit',
    );
    expect(sh("printf 'FROM busybox\\nUSER 1000\\n' | docker build - 2>&1 | tail -1")).toContain('running as user 1000 is not modelled');
  });

  it('an image goes through an archive and comes back as the same', () => {
    sh("docker run --name made busybox sh -c 'echo mine > /mine; rm /bin/yes'; docker commit made made:1");
    const id = sh('docker images -q made:1');
    expect(sh('docker save made:1 > image.tar; docker rmi -f made:1 >/dev/null; docker rm made; docker load < image.tar')).toBe(
      'made\nLoaded image: made:1\n',
    );
    expect(id).toMatch(/^[0-9a-f]{12}\n$/);
    expect(sh('docker run --rm made:1 cat /mine; docker run --rm made:1 ls /bin/yes 2>&1')).toBe(
      'mine\nls: /bin/yes: No such file or directory\n',
    );
  });

  it('a removed image takes the steps below it along, but none that others stand on', () => {
    sh(
      "printf 'FROM busybox\\nENV A=1\\nENV B=2\\n' | docker build -q -t first - ; printf 'FROM busybox\\nENV A=1\\nENV C=3\\n' | docker build -q -t other -",
    );
    expect(sh('docker rmi first | grep -c Deleted; docker images -aq | wc -l')).toBe('1\n4\n');
    expect(sh('docker rmi other | grep -c Deleted; docker images -aq | wc -l')).toBe('2\n2\n');
  });
});

describe('processes of containers', () => {
  it('a container in the namespace of another sees its processes, and ends alone', () => {
    sh('docker run -d --name one busybox sleep 1000; docker run -d --name two --pid container:one busybox sleep 2000');
    expect(sh("docker exec one ps | grep -c 'sleep [12]000'")).toBe('2\n');
    expect(sh("docker rm -f two; docker exec one ps | grep -c 'sleep [12]000'")).toBe('two\n1\n');
  });

  it('pausing a container with the processes of the host stops its own only', () => {
    sh('docker run -d --name all --pid host busybox sleep 1000; docker pause all');
    expect(sh('echo alive; docker unpause all')).toBe('alive\nall\n');
  });

  it('docker-init passes the signal on that sleep as process 1 would not get', () => {
    sh('docker run -d --name ends --init busybox sleep 1000; docker stop ends');
    expect(sh('docker inspect -f {{.State.ExitCode}} ends')).toBe('143\n');
  });
});
