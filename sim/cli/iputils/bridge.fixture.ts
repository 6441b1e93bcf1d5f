/** What transcripts of ping begin with: a bridge, 10.0.0.254, and two namespaces on it, 10.0.0.1 and 10.0.0.2. */
export const TWO_ON_A_BRIDGE = `$ ip link add br0 address 02:00:00:00:00:10 type bridge
$ ip link set br0 up
$ ip addr add 10.0.0.254/24 dev br0
$ ip netns add a
$ ip netns add b
$ ip link add va address 02:00:00:00:00:0a type veth peer name eth0 address 02:00:00:00:00:1a netns a
$ ip link add vb address 02:00:00:00:00:0b type veth peer name eth0 address 02:00:00:00:00:1b netns b
$ ip link set va master br0 up
$ ip link set vb master br0 up
$ ip -n a link set eth0 up
$ ip -n b link set eth0 up
$ ip -n a addr add 10.0.0.1/24 dev eth0
$ ip -n b addr add 10.0.0.2/24 dev eth0
`;

/** The same, with the machine's own loopback. */
export const TWO_ON_A_BRIDGE_AND_LO = `${TWO_ON_A_BRIDGE}$ ip link set lo up
`;

/** The transcripts were recorded on a real machine; how long things took there is left out. */
export function untimed(text: string): string {
  return text
    .replace(/time=[0-9.]+/g, 'time=T')
    .replace(/, time [0-9]+ms/g, ', time Tms')
    .replace(/= [0-9./]+ ms/g, '= T ms')
    .replace(/ipg\/ewma .*/g, 'ipg/ewma T');
}
