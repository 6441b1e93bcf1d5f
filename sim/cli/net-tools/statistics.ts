import { err, Ending } from './ending.ts';
import { notModelled } from '../command.ts';
import type { NetstatSettings } from './netstat-options.ts';

/** `netstat -s`: the counters of /proc/net/snmp and netstat in words (statistics.c). */

/** `always`: zero, too. `in` and `out`: under the histogram of ICMP messages. */
type Sentence = [text: string, when: 'always' | 'some' | 'in' | 'out'];

const IP: Record<string, Sentence> = {
  Forwarding: ['Forwarding: %', 'always'],
  InReceives: ['% total packets received', 'always'],
  InHdrErrors: ['% with invalid headers', 'some'],
  InAddrErrors: ['% with invalid addresses', 'some'],
  ForwDatagrams: ['% forwarded', 'always'],
  InUnknownProtos: ['% with unknown protocol', 'some'],
  InDiscards: ['% incoming packets discarded', 'always'],
  InDelivers: ['% incoming packets delivered', 'always'],
  OutRequests: ['% requests sent out', 'always'],
  OutDiscards: ['% outgoing packets dropped', 'some'],
  OutNoRoutes: ['% dropped because of missing route', 'some'],
  ReasmTimeout: ['% fragments dropped after timeout', 'some'],
  ReasmReqds: ['% reassemblies required', 'some'],
  ReasmOKs: ['% packets reassembled ok', 'some'],
  ReasmFails: ['% packet reassemblies failed', 'some'],
  FragOKs: ['% outgoing packets fragmented ok', 'some'],
  FragFails: ['% outgoing packets failed fragmentation', 'some'],
  FragCreates: ['% fragments created', 'some'],
};

const ICMP: Record<string, Sentence> = {
  InMsgs: ['% ICMP messages received', 'always'],
  InErrors: ['% input ICMP message failed', 'always'],
  InDestUnreachs: ['destination unreachable: %', 'in'],
  InTimeExcds: ['timeout in transit: %', 'in'],
  InParmProbs: ['wrong parameters: %', 'in'],
  InSrcQuenchs: ['source quenches: %', 'in'],
  InRedirects: ['redirects: %', 'in'],
  InEchos: ['echo requests: %', 'in'],
  InEchoReps: ['echo replies: %', 'in'],
  InTimestamps: ['timestamp request: %', 'in'],
  InTimestampReps: ['timestamp reply: %', 'in'],
  InAddrMasks: ['address mask request: %', 'in'],
  InAddrMaskReps: ['address mask replies: %', 'in'],
  OutMsgs: ['% ICMP messages sent', 'always'],
  OutErrors: ['% ICMP messages failed', 'always'],
  OutDestUnreachs: ['destination unreachable: %', 'out'],
  OutTimeExcds: ['time exceeded: %', 'out'],
  OutParmProbs: ['wrong parameters: %', 'out'],
  OutSrcQuenchs: ['source quench: %', 'out'],
  OutRedirects: ['redirect: %', 'out'],
  OutEchos: ['echo requests: %', 'out'],
  OutEchoReps: ['echo replies: %', 'out'],
  OutTimestamps: ['timestamp requests: %', 'out'],
  OutTimestampReps: ['timestamp replies: %', 'out'],
  OutAddrMasks: ['address mask requests: %', 'out'],
  OutAddrMaskReps: ['address mask replies: %', 'out'],
};

const TCP: Record<string, Sentence> = {
  ActiveOpens: ['% active connection openings', 'always'],
  PassiveOpens: ['% passive connection openings', 'always'],
  AttemptFails: ['% failed connection attempts', 'always'],
  EstabResets: ['% connection resets received', 'always'],
  CurrEstab: ['% connections established', 'always'],
  InSegs: ['% segments received', 'always'],
  OutSegs: ['% segments sent out', 'always'],
  RetransSegs: ['% segments retransmitted', 'always'],
  InErrs: ['% bad segments received', 'always'],
  OutRsts: ['% resets sent', 'always'],
};

const UDP: Record<string, Sentence> = {
  InDatagrams: ['% packets received', 'always'],
  NoPorts: ['% packets to unknown port received', 'always'],
  InErrors: ['% packet receive errors', 'always'],
  OutDatagrams: ['% packets sent', 'always'],
  RcvbufErrors: ['% receive buffer errors', 'always'],
  SndbufErrors: ['% send buffer errors', 'always'],
};

const TCP_EXT: Record<string, Sentence> = {
  EmbryonicRsts: ['% resets received for embryonic SYN_RECV sockets', 'some'],
  ListenOverflows: ['% times the listen queue of a socket overflowed', 'some'],
  ListenDrops: ['% SYNs to LISTEN sockets dropped', 'some'],
  TW: ['% TCP sockets finished time wait in fast timer', 'some'],
  PAWSEstab: ['% packets rejected in established connections because of timestamp', 'some'],
  DelayedACKs: ['% delayed acks sent', 'some'],
  DelayedACKLost: ['Quick ack mode was activated % times', 'some'],
  TCPHPHits: ['% packet headers predicted', 'always'],
  TCPPureAcks: ['% acknowledgments not containing data payload received', 'some'],
  TCPHPAcks: ['% predicted acknowledgments', 'some'],
  TCPRenoRecovery: ['% times recovered from packet loss due to fast retransmit', 'some'],
  TCPSackRecovery: ['% times recovered from packet loss by selective acknowledgements', 'some'],
  TCPFastRetrans: ['% fast retransmits', 'some'],
  TCPSlowStartRetrans: ['% retransmits in slow start', 'some'],
  TCPTimeouts: ['% other TCP timeouts', 'some'],
  TCPAbortOnData: ['% connections reset due to unexpected data', 'some'],
  TCPAbortOnClose: ['% connections reset due to early user close', 'some'],
  TCPAbortOnTimeout: ['% connections aborted due to timeout', 'some'],
};

const IP_EXT: Record<string, Sentence> = {
  InNoRoutes: ['% incoming packets with no route', 'some'],
  InMcastPkts: ['% incoming multicast packets', 'some'],
  OutMcastPkts: ['% outgoing multicast packets', 'some'],
};

interface Group {
  sentences: Record<string, Sentence>;
  /** Which of -t, -u and -w asks for it; without, it is always shown. */
  protocol?: 'tcp' | 'udp' | 'raw';
}

const GROUPS: Record<string, Group> = {
  Ip: { sentences: IP, protocol: 'raw' },
  Icmp: { sentences: ICMP, protocol: 'raw' },
  Tcp: { sentences: TCP, protocol: 'tcp' },
  Udp: { sentences: UDP, protocol: 'udp' },
  TcpExt: { sentences: TCP_EXT, protocol: 'tcp' },
  IpExt: { sentences: IP_EXT },
};

/** Settings of TCP that are no counts, and what is told elsewhere. */
const SILENT = new Set(['DefaultTTL', 'RtoAlgorithm', 'RtoMin', 'RtoMax', 'MaxConn']);

/** @param files /proc/net/snmp and /proc/net/netstat, one after the other */
export function statistics(files: string, { families, protocols, anyProtocol }: NetstatSettings): string {
  if (families.has(6)) throw new Ending(1, err(notModelled('netstat', 'statistics of IPv6 (-s -6)')));
  const lines = files.split('\n').filter((line) => line !== '');
  let text = '';
  // A histogram's indentation stays until the next sentence of its own.
  let indent = 4;
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [title = '', ...names] = (lines[i] as string).split(' ');
    const values = (lines[i + 1] as string).split(' ').slice(1).map(Number);
    const group = GROUPS[title.slice(0, -1)];
    if (group?.protocol && !anyProtocol && !protocols.has(group.protocol)) continue;
    text += `${title}\n`;
    let histogram = '';
    for (const [at, name] of names.entries()) {
      const value = values[at] as number;
      const [sentence, when] = group?.sentences[name] ?? [`${name}: %`, 'other'];
      if (when === 'other') {
        if (value !== 0 && !SILENT.has(name)) text += `${' '.repeat(indent)}${name}: ${value}\n`;
        continue;
      }
      if (when === 'in' || when === 'out') {
        if (histogram !== when) text += `    ICMP ${when === 'in' ? 'input' : 'output'} histogram:\n`;
        histogram = when;
        indent = 8;
      } else indent = 4;
      if (value !== 0 || when === 'always') text += `${' '.repeat(indent)}${sentence.replace('%', String(value))}\n`;
    }
  }
  return text;
}
