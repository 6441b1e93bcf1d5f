/** What `iptables -h` prints after its version; `PROGRAM` stands for the command's name. */
const TEXT = `Usage: PROGRAM -[ACD] chain rule-specification [options]
       PROGRAM -I chain [rulenum] rule-specification [options]
       PROGRAM -R chain rulenum rule-specification [options]
       PROGRAM -D chain rulenum [options]
       PROGRAM -[LS] [chain [rulenum]] [options]
       PROGRAM -[FZ] [chain] [options]
       PROGRAM -[NX] chain
       PROGRAM -E old-chain-name new-chain-name
       PROGRAM -P chain target [options]
       PROGRAM -h (print this help information)

Commands:
Either long or short options are allowed.
  --append  -A chain		Append to chain
  --check   -C chain		Check for the existence of a rule
  --delete  -D chain		Delete matching rule from chain
  --delete  -D chain rulenum
				Delete rule rulenum (1 = first) from chain
  --insert  -I chain [rulenum]
				Insert in chain as rulenum (default 1=first)
  --replace -R chain rulenum
				Replace rule rulenum (1 = first) in chain
  --list    -L [chain [rulenum]]
				List the rules in a chain or all chains
  --list-rules -S [chain [rulenum]]
				Print the rules in a chain or all chains
  --flush   -F [chain]		Delete all rules in  chain or all chains
  --zero    -Z [chain [rulenum]]
				Zero counters in chain or all chains
  --new     -N chain		Create a new user-defined chain
  --delete-chain
            -X [chain]		Delete a user-defined chain
  --policy  -P chain target
				Change policy on chain to target
  --rename-chain
            -E old-chain new-chain
				Change chain name, (moving any references)

Options:
    --ipv4	-4		Nothing (line is ignored by ip6tables-restore)
    --ipv6	-6		Error (line is ignored by iptables-restore)
[!] --protocol	-p proto	protocol: by number or name, eg. \`tcp'
[!] --source	-s address[/mask][...]
				source specification
[!] --destination -d address[/mask][...]
				destination specification
[!] --in-interface -i input name[+]
				network interface name ([+] for wildcard)
 --jump	-j target
				target for rule (may load target extension)
  --goto      -g chain
			       jump to chain with no return
  --match	-m match
				extended match (may load extension)
  --numeric	-n		numeric output of addresses and ports
[!] --out-interface -o output name[+]
				network interface name ([+] for wildcard)
  --table	-t table	table to manipulate (default: \`filter')
  --verbose	-v		verbose mode
  --wait	-w [seconds]	maximum wait to acquire xtables lock before give up
  --line-numbers		print line numbers when listing
  --exact	-x		expand numbers (display exact values)
[!] --fragment	-f		match second or further fragments only
  --modprobe=<command>		try to insert modules using this command
  --set-counters -c PKTS BYTES	set the counter during insert/append
[!] --version	-V		print package version.
`;

/** The help text. */
export function usage(program: string, version: string): string {
  const text = program.startsWith('ip6tables') ? forIpv6(TEXT) : TEXT;
  return `${version}\n\n${text.replaceAll('PROGRAM', program)}`;
}

/** IPv6 has no fragments in its header, and the other option for the family is the wrong one. */
function forIpv6(text: string): string {
  return text
    .replace(/.*--fragment\t.*\n/, '')
    .replace('-4\t\tNothing', '-4\t\tError')
    .replace('-6\t\tError', '-6\t\tNothing');
}
