import { expect, it } from 'vitest';
import { replay } from './replay.ts';
import { isBadLine, parseTranscript } from './transcript.ts';

/** Two hosts in one swarm, and an overlay network that anybody may join. */
const SWARM: readonly string[] = [
  'host1$ docker swarm init --advertise-addr 192.168.50.11 > /dev/null; docker swarm join-token -q worker > /tmp/token; busybox httpd -p 8099 -h /tmp',
  'host2$ docker swarm join --token $(curl -s http://192.168.50.11:8099/token) 192.168.50.11:2377 > /dev/null',
  'host1$ docker network create -d overlay --attachable ov > /dev/null',
];

/** Types commands on the hosts of docker-lan; returns what each printed. */
function type(...commands: string[]): string[] {
  const transcript = parseTranscript(`# world: docker-lan\n${commands.join('\n')}\n`);
  if (isBadLine(transcript)) throw new Error(`no transcript: line ${transcript.number}`);
  let text = '';
  replay(transcript, (more) => {
    text += more;
  });
  const outputs: string[] = [];
  for (const line of text.split('\n').slice(1)) {
    if (/^host[12]\$ /.test(line)) outputs.push('');
    else if (outputs.length > 0) outputs[outputs.length - 1] += `${line}\n`;
  }
  return outputs.map((output) => output.trim());
}

it('answers at a service’s virtual address, by turns, and at its published port on every host', { timeout: 60_000 }, () => {
  const outputs = type(
    ...SWARM,
    'host1$ docker service create -d --name web --replicas 2 --publish 8080:80 --network ov nginx > /dev/null 2>&1; sleep 3',
    'host1$ docker run -d --name c1 --network ov busybox sleep 1000 > /dev/null; for i in 1 2 3 4; do docker exec c1 wget -qO /dev/null http://web; done',
    'host1$ for h in 192.168.50.11 192.168.50.12 127.0.0.1; do curl -s -o /dev/null -w "%{http_code} " http://$h:8080/; done',
    "host1$ docker service logs web 2>&1 | grep -o '^web.[12]' | sort | uniq -c | awk '{print $2, $1 >= 3}'",
    "host1$ nsenter --net=/var/run/docker/netns/ingress_sbox ipvsadm -Sn | sed 's/10.0.0.[0-9]*/TASK/'",
    'host1$ iptables -t nat -S DOCKER-INGRESS',
  );
  expect(outputs[5]).toBe('200 200 200');
  expect(outputs[6]).toBe('web.1 1\nweb.2 1');
  expect(outputs[7]).toBe('-A -f 256 -s rr\n-a -f 256 -r TASK:0 -m -w 1\n-a -f 256 -r TASK:0 -m -w 1');
  expect(outputs[8]).toBe(
    '-N DOCKER-INGRESS\n-A DOCKER-INGRESS -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:8080\n-A DOCKER-INGRESS -j RETURN',
  );
});

it('moves tasks when a container dies, when a node is drained, and when a node is gone', { timeout: 60_000 }, () => {
  const where = "docker service ps s --filter desired-state=running --format '{{.Node}} {{.CurrentState}}' | cut -d' ' -f1,2 | sort";
  const outputs = type(
    ...SWARM,
    'host1$ docker service create -d --name s --replicas 2 --restart-delay 1s busybox sleep 1000 > /dev/null 2>&1; sleep 3',
    `host1$ ${where}`,
    'host2$ docker rm -f $(docker ps -q) > /dev/null; sleep 4',
    `host1$ ${where}`,
    `host1$ docker node update --availability drain host2 > /dev/null; sleep 15; ${where}`,
    `host1$ docker node update --availability active host2 > /dev/null; docker service update -d --force s > /dev/null; sleep 40; ${where}`,
    'host2$ ip link set eth0 down',
    `host1$ sleep 40; docker node ls --format '{{.Hostname}} {{.Status}}'; ${where}`,
  );
  expect(outputs[4]).toBe('host1 Running\nhost2 Running');
  expect(outputs[6]).toBe('host1 Running\nhost2 Running');
  expect(outputs[7]).toBe('host1 Running\nhost1 Running');
  expect(outputs[8]).toBe('host1 Running\nhost2 Running');
  expect(outputs[10]).toBe('host1 Ready\nhost2 Down\nhost1 Running\nhost1 Running');
});

it('leaves nothing behind but docker_gwbridge, as the real Engine does', { timeout: 60_000 }, () => {
  const state =
    "ls /var/run/docker/netns 2>/dev/null | wc -l; ip -o link | wc -l; ss -Htuln | grep -cE '2377|7946|4789|8080'; ps ax | grep -c '[s]him'; bridge fdb | grep -c dst";
  const outputs = type(
    `host1$ docker network create gw0 -o com.docker.network.bridge.name=docker_gwbridge > /dev/null; ${state}`,
    'host1$ docker network rm gw0 > /dev/null',
    ...SWARM,
    'host1$ docker service create -d --name web --replicas 4 --publish 8080:80 --network ov nginx > /dev/null 2>&1; docker run -d --network ov busybox sleep 99 > /dev/null; sleep 3',
    'host2$ docker swarm leave',
    'host1$ docker rm -f $(docker ps -aq) > /dev/null; docker swarm leave --force',
    `host1$ ${state}`,
    `host2$ ls /var/run/docker/netns; docker ps -aq; ${state}`,
    "host1$ docker swarm init > /dev/null; docker network create -d overlay --attachable ov > /dev/null; docker run --rm --network ov busybox ip -4 -o addr show eth0 | awk '{print $4}'",
  );
  expect(outputs[8]).toBe(outputs[0]);
  expect(outputs[9]).toBe(outputs[0]);
  expect(outputs[10]).toBe('10.0.1.2/24');
});

it('says what is wrong while the ports of a swarm are blocked', { timeout: 60_000 }, () => {
  const outputs = type(
    'host1$ docker swarm init --advertise-addr 192.168.50.11 > /dev/null; docker swarm join-token -q worker > /tmp/token; busybox httpd -p 8099 -h /tmp',
    'host1$ iptables -A INPUT -p tcp --dport 2377 -j DROP',
    'host2$ curl -s http://192.168.50.11:8099/token > /tmp/token; docker swarm join --token $(cat /tmp/token) 192.168.50.11:2377',
    "host2$ docker info -f '{{.Swarm.LocalNodeState}}'",
    'host1$ iptables -F INPUT; sleep 30; docker node ls --format "{{.Hostname}} {{.Status}}"',
  );
  expect(outputs[2]).toContain('Timeout was reached before node joined.');
  expect(outputs[3]).toBe('pending');
  expect(outputs[4]).toBe('host1 Ready\nhost2 Ready');
});
