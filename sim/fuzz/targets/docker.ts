import fc from 'fast-check';
import '../../complete.ts';
import { type DockerMachine, dockerMachine } from '../../cli/docker/docker-machine.fixture.ts';
import { compile, execute } from '../../cli/docker/template/execute.ts';
import { raw, typed } from '../../cli/docker/template/values.ts';
import { runBriefly } from '../../cli/brief-run.ts';
import { nearText, nearWords } from '../mutate.ts';
import { demandSame, target } from '../target.ts';
import { argumentsOf } from '../valid.ts';

const LINES = [
  'run -d --name web -p 8080:80/tcp --network n1 --ip 172.18.0.5 -e A=1 -v /tmp:/x:ro busybox sleep 5',
  'run --rm --net=container:web --cap-add NET_ADMIN --sysctl net.ipv4.ip_forward=1 busybox addresses',
  'network create --driver bridge --subnet 172.20.0.0/16 --gateway 172.20.0.1 --ip-range 172.20.1.0/24 --opt com.docker.network.bridge.name=b1 n1',
  'network connect --alias db --ip 172.20.0.9 n1 web',
  'ps -a --no-trunc --format {{.Names}}\\t{{.Ports}} --filter name=web',
  'inspect -f {{range.NetworkSettings.Networks}}{{.IPAddress}}{{end}} web',
  'port web 80/tcp',
  'exec -it web sh -c ls',
  'rm -f web',
];

/** Machines cost much and bear much: one serves a hundred inputs, until something goes wrong. */
let machine: DockerMachine | undefined;
let served = 0;

function anyMachine(): DockerMachine {
  if (!machine || ++served % 100 === 0) machine = dockerMachine();
  return machine;
}

/** docker's command line. */
export const docker = target(
  'docker arguments',
  5,
  () => fc.array(nearWords(argumentsOf('docker', [...LINES, ...LINES, ...LINES]), 3), { minLength: 1, maxLength: 2 }),
  (lines) => {
    const { host } = anyMachine();
    try {
      for (const words of lines) runBriefly(host, '/usr/bin/docker', words, '', 1_500);
    } catch (error) {
      machine = undefined;
      throw error;
    }
  },
);

const TEMPLATES = [
  '{{range $i, $c := .Ports}}{{$i}}={{(index $c 0).HostPort | printf "%q"}}{{else}}none{{end}}',
  '{{if and .State.Running (not .State.Paused) (gt .State.Pid 0)}}up{{else if eq .Name "/aa"}}{{.Name}}{{end}}',
  '{{json .}}{{.Name | upper | lower | title}}{{join .Args ","}}{{split .Name "/"}}{{println (len .Args) (slice .Name 1 2)}}',
  '{{with .Ports}}{{range $k, $v := .}}{{$k}}{{- /* c */ -}}{{break}}{{end}}{{end}}{{define "t"}}{{.}}{{end}}{{template "t" .Name}}',
  'table {{.Name}}\t{{.Args}}{{"a\\n"}}{{`raw`}}{{\'x\'}}{{1.5e3}}{{nil}}{{true}}{{printf "%5d|%-5s|%x|%v|%+v|%t" 1 "a" 255 .Args . true}}',
  '{{block "b" .State}}{{.Pid}}{{end}}{{$x := 1}}{{$x = 2}}{{$x}}{{or .Nothing "d"}}{{le 1 2}}{{ne "a" "b"}}{{html "<a>"}}{{js "\'"}}{{urlquery "a b"}}{{truncate .Name 1}}{{pad .Name 1 2}}',
];
const DATA = {
  Name: '/aa',
  Args: ['1', '2'],
  State: { Running: true, Paused: false, Pid: 5 },
  Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] },
  None: null,
};

/** Go templates as docker's --format takes them: the same text twice gives the same result, or the same error. */
export const template = target(
  'Go templates',
  8,
  () => nearText(TEMPLATES),
  (text) => {
    const results = [0, 1].map(() => {
      const compiled = compile(text);
      if ('error' in compiled) return compiled;
      return [execute(compiled, typed(DATA), false), execute(compiled, raw(DATA), true)];
    });
    demandSame(results[0], results[1], 'a template done twice');
  },
);
