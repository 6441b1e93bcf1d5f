import fc from 'fast-check';
import { fuzzMachine } from '../machine.ts';
import { nearWords } from '../mutate.ts';
import { target } from '../target.ts';
import { argumentsOf } from '../valid.ts';

/** The options of the other network programs. A name of a program, and valid lines besides those of the transcripts. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  ping: [
    '-c 1 -W 1 127.0.0.1',
    '-4 -i 0.2 -c 2 -s 1472 -M do -t 5 -q 127.0.0.1',
    '-6 -c1 ::1',
    '-f -c 5 -I lo 127.0.0.1',
    '-w 1 -p ff -D -O nosuch',
  ],
  curl: [
    '-sS -m 2 http://127.0.0.1/',
    '-o /tmp/x -w %{http_code}\\n -H Host:a http://127.0.0.1:81/a?b#c',
    '-X POST -d a=1 --resolve a:80:127.0.0.1 http://a/',
    '-I -L -k --connect-timeout 1 http://[::1]:8/',
  ],
  nc: ['-zv -w 1 127.0.0.1 80', '-l -p 8080', '-u -w1 127.0.0.1 53', '-lk 127.0.0.1 99', '-q 0 ::1 5', '-z 127.0.0.1 1-9'],
  dig: [
    '+short @127.0.0.1 example.com A',
    '-x 10.0.0.1 +noall +answer',
    '+time=1 +tries=1 -p 5353 -t MX a. b. CH',
    '+tcp +norecurse +nocookie',
  ],
  host: ['-t A -W 1 example.com 127.0.0.1', '-v -4 10.0.0.1'],
  nslookup: ['-type=AAAA -timeout=1 example.com 127.0.0.1', '-port=53 10.0.0.1'],
  tcpdump: [
    '-i lo -c 1 -nn -e -v tcp port 80',
    '-D',
    '-r /tmp/nosuch -w /tmp/y',
    '-i any -t -l -q -X icmp',
    '-c 0 -s 96 -A -S host 127.0.0.1',
  ],
  arping: ['-c 1 -I eth0 10.0.0.2', '-D -w 1 -I eth0 10.0.0.1', '-U -q -s 10.0.0.1 -I eth0 10.0.0.1'],
  traceroute: ['-n -q 1 -m 3 -w 1 127.0.0.1', '-I -f 2 127.0.0.1 60', '-T -p 80 -i lo 127.0.0.1'],
  tracepath: ['-n -m 3 127.0.0.1', '-b -p 100 -l 500 127.0.0.1'],
  ipset: [
    'create a hash:ip',
    'create b hash:net,port family inet6 hashsize 64 maxelem 5 timeout 3 counters comment',
    'add a 10.0.0.1',
    'restore',
    'create l list:set size 3',
    'list -o save',
    'create p bitmap:port range 1-100',
    'test a 10.0.0.1',
    'swap a b',
  ],
  ipvsadm: [
    '-A -t 10.0.0.1:80 -s rr',
    '-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 3',
    '-L -n --stats',
    '-E -u [::1]:53 -s wlc -p 5',
    '-S -n',
    '-D -f 5',
  ],
  conntrack: [
    '-L -p tcp --state ESTABLISHED',
    '-D -s 10.0.0.1',
    '-I -p udp -s 1.1.1.1 -d 2.2.2.2 --sport 1 --dport 2 -t 5',
    '-E -e NEW',
    '-G -p tcp --orig-src 1.1.1.1',
    '-S',
    '-C',
  ],
  ifconfig: [
    'eth0 10.0.0.1 netmask 255.255.255.0 broadcast 10.0.0.255 up',
    '-a',
    'eth0 mtu 1400 hw ether 02:00:00:00:00:05',
    'eth0 add fd00::1/64',
  ],
  route: ['add -net 10.9.0.0 netmask 255.255.0.0 gw 10.0.0.2 metric 3 dev eth0', '-n', 'del default', '-6', 'add -host 10.1.1.1 reject'],
  arp: ['-an', '-s 10.0.0.9 02:00:00:00:00:09', '-d 10.0.0.9 -i eth0', '-v -H ether'],
  netstat: ['-tulnp', '-rn', '-i', '-s', '-ano -4'],
  brctl: ['addbr b', 'addif b eth0', 'show', 'stp b on', 'setportprio b eth0 5', 'showmacs b', 'setageing b 3.5'],
  sysctl: ['-w net.ipv4.ip_forward=1', '-a -r forward', '-n net.ipv4.conf.all.rp_filter', '-q -p /etc/sysctl.conf', 'net/ipv4/ip_forward'],
  nsenter: ['-t 1 -n ip link', '--net=/proc/1/ns/net true', '-a -t 1'],
  wg: [
    'show all dump',
    'show wg0 allowed-ips',
    'set wg0 listen-port 51820 fwmark 0x1 private-key /dev/null',
    'set wg0 peer K5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI= endpoint [::1]:5 allowed-ips +10.0.0.0/8,-fd00::/64 persistent-keepalive 25',
    'setconf wg0 /etc/passwd',
    'genkey',
  ],
  unshare: ['-n ip link', '-m -u -f true', '--net=/tmp/x -r true'],
};

/** busybox's own network applets. */
const APPLETS: readonly string[] = [
  ...[
    'ip addr',
    'ip link set lo up',
    'ip route add 10.0.0.0/8 dev eth0',
    'ip rule add from 10.0.0.1 lookup 5',
    'ip neigh',
    'arp -an',
    'route -n',
  ],
  ...[
    'ifconfig eth0 10.0.0.1 up',
    'netstat -tuln',
    'ping -c 1 -W 1 127.0.0.1',
    'nc -w 1 127.0.0.1 80',
    'wget -q -O - -T 1 http://127.0.0.1/x',
  ],
  ...[
    'nslookup a 127.0.0.1',
    'traceroute -n -m 2 127.0.0.1',
    'brctl addbr b',
    'sysctl -a',
    'httpd -p 80 -h /tmp',
    'hostname -i',
    'telnet 127.0.0.1 5',
    'ps -o pid,args',
  ],
];

/** What a program that waits for ever gets: enough for timeouts to be set up. */
const EVENTS = 300;

/** The programs of network administration by their options. */
export const networkTools = target(
  'network tools',
  8,
  () => {
    const each = Object.entries(PROGRAMS).map(([name, lines]) =>
      nearWords(argumentsOf(name, [...lines, ...lines]), 3).map((words) => [name, ...words]),
    );
    const applets = nearWords(
      APPLETS.map((line) => line.split(' ')),
      3,
    ).map((words) => ['busybox', ...words]);
    return fc.array(fc.oneof(...each, applets), { minLength: 1, maxLength: 3 });
  },
  (lines) => {
    const names = new Set(lines.map(([name = '']) => name));
    const machine = fuzzMachine(['ip', ...[...names].filter((name) => name !== 'ip')]);
    for (const line of ['link add eth0 type veth peer name eth1', 'link set eth0 up', 'link set eth1 up', 'addr add 10.0.0.1/24 dev eth0'])
      machine.run(['ip', ...line.split(' ')]);
    for (const words of lines) machine.run(words, '', EVENTS);
  },
);
