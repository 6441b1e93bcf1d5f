import type { Family } from '../hooks.ts';
import { audit, connsecmark, secmark } from './audit.ts';
import { checksum, classify } from './classify.ts';
import { dscp, tos } from './dscp.ts';
import { ecn } from './ecn.ts';
import { nfqueue } from './nfqueue.ts';
import { tcpoptstrip } from './tcpoptstrip.ts';
import { tee } from './tee.ts';
import { connmark } from './connmark.ts';
import { ct } from './ct.ts';
import { dnat } from './dnat.ts';
import { idletimer } from './idletimer.ts';
import { log } from './log.ts';
import { mark } from './mark.ts';
import { masquerade } from './masquerade.ts';
import { netmap } from './netmap.ts';
import { nflog } from './nflog.ts';
import { notrack } from './notrack.ts';
import { redirect } from './redirect.ts';
import { reject, reject6 } from './reject.ts';
import { set } from './set.ts';
import { snat } from './snat.ts';
import type { TargetExtension } from './target.ts';
import { tcpmss } from './tcpmss.ts';
import { tproxy } from './tproxy.ts';
import { trace } from './trace.ts';
import { hl, ttl } from './ttl.ts';

/** Every target extension. Adding one: its file, an import and a line here. */
export const TARGETS: readonly TargetExtension[] = [
  audit,
  checksum,
  classify,
  connmark,
  connsecmark,
  ct,
  dnat,
  dscp,
  ecn,
  hl,
  idletimer,
  log,
  mark,
  masquerade,
  netmap,
  nflog,
  nfqueue,
  notrack,
  redirect,
  reject,
  reject6,
  secmark,
  set,
  snat,
  tcpmss,
  tcpoptstrip,
  tee,
  tos,
  tproxy,
  trace,
  ttl,
] as TargetExtension[];

const byName = new Map(TARGETS.flatMap((t) => (t.family ? [t.family] : [4, 6]).map((family) => [`${family}${t.name}`, t] as const)));

export function targetExtension(name: string, family: Family): TargetExtension | undefined {
  return byName.get(`${family}${name}`);
}

/** Targets of the real iptables that are not modelled: named, so that nobody takes them for typing errors. */
export const UNMODELLED_TARGETS: ReadonlySet<string> = new Set(['CLUSTERIP', 'DNPT', 'HMARK', 'LED', 'RATEEST', 'SNPT', 'SYNPROXY']);
