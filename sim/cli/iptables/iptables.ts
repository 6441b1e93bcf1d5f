import type { Program } from '../../host/process.ts';
import { type Command, notModelled } from '../command.ts';
import { applyProgram } from './apply.ts';
import { iptablesProgram } from './main.ts';
import { monitorProgram } from './monitor.ts';
import { restoreProgram } from './restore.ts';
import { saveProgram } from './save.ts';
import { restoreTranslateProgram, translateProgram } from './translate.ts';
import { iptablesXml } from './xml.ts';

/** A program under its plain name and under the one that says which backend it is. */
function command(family: 4 | 6, suffix: string, run: Program): Command {
  const base = family === 4 ? 'iptables' : 'ip6tables';
  return { name: `${base}${suffix}`, paths: [`/usr/sbin/${base}${suffix}`, `/usr/sbin/${base}-nft${suffix}`], run };
}

/** What a rule would be in nft's words. */
function translators(family: 4 | 6): Command[] {
  const base = family === 4 ? 'iptables' : 'ip6tables';
  return [
    { name: `${base}-translate`, paths: [`/usr/sbin/${base}-translate`], run: translateProgram(family) },
    { name: `${base}-restore-translate`, paths: [`/usr/sbin/${base}-restore-translate`], run: restoreTranslateProgram(family) },
  ];
}

/** The tables of the old backend are a world of their own, which these machines don't have. */
function legacy(name: string): Command {
  return {
    name,
    paths: [`/usr/sbin/${name}`],
    *run(process) {
      yield* process.write(2, notModelled(name, 'the legacy backend'));
      return 1;
    },
  };
}

/** iptables with its family: the nf_tables variant, which Debian installs. */
export const commands: readonly Command[] = [
  command(4, '', iptablesProgram(4)),
  command(4, '-save', saveProgram(4)),
  command(4, '-restore', restoreProgram(4)),
  command(6, '', iptablesProgram(6)),
  command(6, '-save', saveProgram(6)),
  command(6, '-restore', restoreProgram(6)),
  { name: 'iptables-apply', paths: ['/usr/sbin/iptables-apply'], run: applyProgram(4) },
  { name: 'ip6tables-apply', paths: ['/usr/sbin/ip6tables-apply'], run: applyProgram(6) },
  { name: 'xtables-monitor', paths: ['/usr/sbin/xtables-monitor'], run: monitorProgram },
  ...([4, 6] as const).flatMap(translators),
  iptablesXml,
  ...['iptables', 'ip6tables'].flatMap((base) => ['', '-save', '-restore'].map((suffix) => legacy(`${base}-legacy${suffix}`))),
];
