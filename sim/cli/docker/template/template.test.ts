import { expect, test } from 'vitest';
import { compile, execute } from './execute.ts';
import { raw, typed } from './values.ts';

/** The part of `docker inspect aa` that the recorded templates look at. */
const CONTAINER = {
  Id: 'a09b160f937f526e7f43b1e462e166802cffacb22d96f0126535ca4e76e6aaab',
  Path: 'sleep',
  Args: ['1000'],
  State: { Status: 'running', Running: true, Paused: false, Pid: 26277, ExitCode: 0, Error: '' },
  Name: '/aa',
  HostConfig: {
    Binds: null,
    CapAdd: null,
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] },
  },
  Mounts: [],
  Config: { Cmd: ['sleep', '1000'], Labels: { a: '1', b: '2' } },
  NetworkSettings: {
    Ports: {
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '8080' },
        { HostIp: '::', HostPort: '8080' },
      ],
    },
    Networks: { bridge: { IPAddress: '172.17.0.2', Gateway: '172.17.0.1' } },
  },
};

/** What `docker inspect -f` makes of a template: the typed object first, then the decoded JSON. */
function inspect(template: string): string {
  const compiled = compile(template);
  if ('error' in compiled) return `template parsing error: ${compiled.error}`;
  const first = execute(compiled, typed(CONTAINER), false);
  const result = 'text' in first ? first : execute(compiled, raw(CONTAINER), true);
  return 'text' in result ? result.text : `template parsing error: ${result.error}`;
}

// Every expectation in this file was printed by docker 28.5.2.
test.each([
  ['{{.NetworkSettings.Networks.bridge.IPAddress}} {{.NetworkSettings.Networks.bridge.Gateway}}', '172.17.0.2 172.17.0.1'],
  ['{{.Config.Cmd}} {{.Args}} {{.NetworkSettings.Ports}}', '[sleep 1000] [1000] map[80/tcp:[{0.0.0.0 8080} {:: 8080}]]'],
  ['{{.State}}', '{running true false 26277 0  <nil>}'],
  ['{{.Config.Labels}} {{.HostConfig.PortBindings}}', 'map[a:1 b:2] map[80/tcp:[{ 8080}]]'],
  ['{{.Mounts}} {{.HostConfig.RestartPolicy}} {{.HostConfig.Binds}} {{.State.Health}}', '[] {no 0} [] <nil>'],
  ['{{index .NetworkSettings.Networks "nope"}}', '<nil>'],
  ['{{.NetworkSettings.Networks.nope.IPAddress}}', '<no value>'],
  ['{{range $k, $v := .NetworkSettings.Networks}}{{$k}}={{$v.IPAddress}} {{end}}', 'bridge=172.17.0.2 '],
  ['{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}', '8080'],
  ['{{range $p, $conf := .NetworkSettings.Ports}} {{$p}} -> {{(index $conf 0).HostPort}} {{end}}', ' 80/tcp -> 8080 '],
  ['{{range .Args}}{{.}},{{else}}none{{end}}{{range .Mounts}}{{.}},{{else}}none{{end}}', '1000,none'],
  ['{{define "x"}}hi{{end}}{{template "x"}}', 'hi'],
  ['{{.Name | }}', '/aa'],
  ['x\\ty', 'x\\ty'],
  ['{{json .Config.Labels}} {{join .Args ","}} {{len .Args}}', '{"a":"1","b":"2"} 1000 1'],
  [
    '{{lt 1 2}} {{ne "a" "b"}} {{or "" "b"}} {{and 1 0}} {{not 1}} {{le 2 2}} {{1.5}} {{0x10}} {{true}} {{$x := 5}}{{$x}} {{$x = 6}}{{$x}} {{`raw`}} {{"q\\t\\"q"}} {{len .Name}}',
    'true true b 0 false true 1.5 16 true 5 6 raw q\t"q 3',
  ],
  [
    '{{if eq .Path "sleep" "x"}}yes{{else}}no{{end}} {{slice .Path 1 3}} {{pad .Path 3 2}}| {{truncate .Path 2}} {{lower .Path}} {{print 1 "a" 2 3}} {{- " x " -}} {{/* c */}} {{html "<a>"}} {{js "a"}} {{urlquery "a b"}}',
    'yes le    sleep  | sl sleep 1a2 3 x  &lt;a&gt; a a+b',
  ],
])('%s', (template, printed) => {
  expect(inspect(template)).toBe(printed);
});

test.each([
  ['{{.Foo}}', 'template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo"'],
  ['{{.State.Foo}}', 'template: :1:8: executing "" at <.State.Foo>: map has no entry for key "Foo"'],
  // `.ID` is there when the object has types, `.Id` when it is decoded JSON, both together never.
  ['{{.ID}} {{.Id}}', 'template: :1:2: executing "" at <.ID>: map has no entry for key "ID"'],
  ['{{index .Config.Cmd 5}}', 'template: :1:2: executing "" at <index .Config.Cmd 5>: error calling index: index out of range: 5'],
  [
    '{{(index .NetworkSettings.Networks "nope").IPAddress}}{{.Foo}}',
    'template: :1:35: executing "" at <"nope">: nil data; no entry for key "IPAddress"',
  ],
  ['{{ .Name.foo }}', 'template: :1:8: executing "" at <.Name.foo>: can\'t evaluate field foo in type interface {}'],
  ['{{.Name .Id}}', 'template: :1:2: executing "" at <.Name>: Name is not a method but has arguments'],
  ['{{join .Args ","}}{{.Foo}}', 'template: :1:7: executing "" at <.Args>: wrong type for value; expected []string; got []interface {}'],
  ['{{template "x"}}', 'template: :1:11: executing "" at <{{template "x"}}>: template "x" not defined'],
  ['{{.Foo}}{{nil}}', 'template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo"'],
  ['{{nil}}', 'template: :1:2: executing "" at <nil>: nil is not a command'],
  ['{{.Name', 'template: :1: unclosed action'],
  ['{{.Name}', "template: :1: bad character U+007D '}'"],
  ['{{"abc}}', 'template: :1: unterminated quoted string'],
  ['{{foo .}}', 'template: :1: function "foo" not defined'],
  ['{{$x}}', 'template: :1: undefined variable "$x"'],
  ['{{.Name}}{{end}}', 'template: :1: unexpected {{end}}'],
  ['{{if .Name}}', 'template: :1: unexpected EOF'],
  ['{{range .Foo}}', 'template: :1: unexpected EOF'],
  ['{{%s}}', 'template: :1: unexpected "%" in command'],
])('%s is refused', (template, message) => {
  expect(inspect(template)).toBe(`template parsing error: ${message}`);
});

test('no template throws, whatever it is made of', () => {
  const parts = [
    '{{',
    '}}',
    '.Name',
    '$x',
    ':=',
    'range',
    'if',
    'end',
    'else',
    '"',
    '|',
    '(',
    ')',
    ' ',
    'index',
    '5',
    '.',
    '{{-',
    '-}}',
    '/*',
    'with',
    '`',
  ];
  let state = 1;
  const next = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state;
  };
  for (let i = 0; i < 3_000; i++) {
    const template = Array.from({ length: 1 + (next() % 9) }, () => parts[next() % parts.length]).join('');
    expect(typeof inspect(template)).toBe('string');
  }
});

test('a complaint shows the whole expression, however long', () => {
  const compiled = compile('{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}');
  if ('error' in compiled) throw new Error(compiled.error);
  // As docker 28.5.2 prints it.
  expect(execute(compiled, raw({ NetworkSettings: { Ports: {} } }), true)).toEqual({
    error: 'template: :1:3: executing "" at <index (index .NetworkSettings.Ports "80/tcp") 0>: error calling index: index of untyped nil',
  });
});
