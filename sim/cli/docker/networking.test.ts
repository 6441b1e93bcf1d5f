import { expect, test } from 'vitest';
import { World } from '../../complete.ts';

/** Types commands on host1 of a world with Docker. */
function docker(): (command: string) => string {
  const world = World.create('docker');
  return (command) => {
    let output = '';
    const run = world.console('host1').run(command, (text) => {
      output += text;
    });
    expect(world.runUntil(() => run.done)).toBe('done');
    return output;
  };
}

test('the four ways to a published port, and where each comes from', () => {
  const sh = docker();
  sh('docker network create --subnet 10.1.0.0/24 front; docker network create --subnet 10.2.0.0/24 back');
  sh('docker run -d --name web --network front -p 8080:80 nginx; docker run -d --name friend --network front busybox sleep 1000');
  sh('docker run -d --name stranger --network back busybox sleep 1000; sleep 1');
  const page = '<h1>Welcome to nginx!</h1>\n';
  expect(sh('curl -s http://192.168.50.11:8080/; curl -s http://127.0.0.1:8080/; curl -s "http://[::1]:8080/"')).toBe(page.repeat(3));
  expect(sh('docker exec friend wget -qO- http://web/; docker exec friend wget -qO- http://192.168.50.11:8080/')).toBe(page.repeat(2));
  expect(sh('docker exec stranger wget -qO- http://192.168.50.11:8080/')).toBe(page);
  // From one bridge to another there is no way, published or not.
  expect(sh('docker exec stranger wget -T 2 -qO- http://10.1.0.2/')).toBe('wget: download timed out\n');
  // DNAT keeps the client's address, and so does the bridge; what came through docker-proxy comes from the gateway.
  expect(sh("docker logs web | cut -d' ' -f1")).toBe(`192.168.50.11\n10.1.0.1\n10.1.0.1\n10.1.0.3\n10.1.0.1\n10.1.0.1\n`);
});

test('a neighbour of the host reaches the port by DNAT, and the address behind it not at all', () => {
  const world = World.create('docker-lan');
  const sh = (host: string, command: string): string => {
    let output = '';
    const run = world.console(host).run(command, (text) => {
      output += text;
    });
    world.runUntil(() => run.done);
    return output;
  };
  sh('host1', 'docker run -d --name web -p 8080:80 nginx; docker run -d --name local -p 127.0.0.1:8081:80 nginx; sleep 1');
  sh('host2', 'docker stop $(docker ps -q); ip route del 172.17.0.0/16; ip route add 172.17.0.0/16 via 192.168.50.11');
  expect(sh('host2', 'curl -sm 2 http://192.168.50.11:8080/')).toContain('Welcome');
  expect(sh('host1', "docker logs web | cut -d' ' -f1")).toBe('192.168.50.12\n');
  expect(sh('host2', 'curl -sm 2 http://172.17.0.2/; curl -sm 2 http://192.168.50.11:8081/; echo $?')).toBe('7\n');
  expect(sh('host1', 'iptables -t raw -vnL PREROUTING | awk \'$9 == "172.17.0.2" {print ($1 > 0)}\'')).toBe('1\n');
  // A rule in DOCKER-USER comes before the Engine's own.
  sh('host1', 'iptables -I DOCKER-USER -s 192.168.50.12 -j DROP');
  expect(sh('host2', 'curl -sm 2 http://192.168.50.11:8080/; echo $?')).toBe('28\n');
});

test('when a container loses its way out, its ports move to the next network, connections or not', () => {
  const sh = docker();
  sh(
    'docker network create aa; docker network create bb; docker run -d --name web --network aa -p 8080:80 nginx; docker network connect bb web',
  );
  expect(sh('sleep 1; curl -s http://127.0.0.1:8080/')).toContain('Welcome');
  expect(sh('docker network disconnect aa web')).toBe('');
  expect(sh("iptables-save -t nat | grep -o 'DNAT.*'; docker port web")).toBe(
    'DNAT --to-destination 172.19.0.2:80\n80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n',
  );
  expect(sh('curl -s http://127.0.0.1:8080/')).toContain('Welcome');
});

const STATE = `ip -o link | sed 's/ state.*//'; ip neigh; bridge fdb; ip route; ip rule; iptables-save; ip6tables-save; ps -eo comm,args
ls /var/run/docker/netns; ss -tulnp; ls -l /proc/$(pgrep -x dockerd)/fd | wc -l`;

test('after everything has been removed nothing is left', () => {
  const sh = docker();
  const state = (): string =>
    sh(STATE)
      .replace(/\[\d+:\d+\]/g, '')
      .replace(/^# .*$/gm, '')
      .replace(/ (ps|sh|sed|ls|ss|wc) .*$/gm, '');
  // The first use of a table or of IPv6 leaves its traces for good, as on a real machine.
  const use = `docker network create --ipv6 six; docker network create --internal inside; docker network create -o com.docker.network.bridge.enable_icc=false noicc
docker network create -d macvlan -o parent=eth0 --subnet 192.168.77.0/24 lan
docker run -d --name one --network six --network-alias x -p 8080:80 -p 9000-9002:90-92/udp nginx
docker run -d --name two --network inside --link one:o busybox sleep 1000; docker run -d --name three --network noicc -P --expose 80 busybox sleep 1000
docker run -d --name four -p 127.0.0.1:8081:80 busybox sleep 1000; docker run -d --name five --link four busybox sleep 1000
docker run -d --name six --network lan busybox sleep 1000
docker network connect six three; docker network connect inside three; sleep 1; curl -s http://127.0.0.1:8080/; curl -s http://192.168.50.11:8080/
docker exec three ping -c 1 one; docker exec three nslookup -type=a nosuch; docker restart -t 0 one; docker network disconnect six three
docker rm -f $(docker ps -aq); docker network prune -f; sleep 5`;
  sh(use);
  sh('conntrack -F; ip neigh flush all');
  const before = state();
  sh(use);
  sh('conntrack -F; ip neigh flush all');
  expect(state()).toBe(before);
});
