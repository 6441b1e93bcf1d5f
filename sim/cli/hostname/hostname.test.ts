import { expect, test } from 'vitest';
import { replay } from '../tool/transcript.ts';
import { commands } from './hostname.ts';

test('hostname shows and sets the name of the UTS namespace', () => {
  const recorded = `
$ hostname host1
$ hostname
host1
$ hostname -s
host1
$ hostname web.example.org
$ hostname
web.example.org
$ hostname -s
web
$ hostname 'bad name'
hostname: the specified hostname is invalid
? 1
$ hostname ''
hostname: the specified hostname is invalid
? 1
$ hostname a b
Usage: hostname [-b] {hostname|-F file}         set host name (from file)
       hostname [-a|-A|-d|-f|-i|-I|-s|-y]       display formatted name
       hostname                                 display host name

       {yp,nis,}domainname {nisdomain|-F file}  set NIS domain name (from file)
       {yp,nis,}domainname                      display NIS domain name

       dnsdomainname                            display dns domain name

       hostname -V|--version|-h|--help          print info and exit

Program name:
       {yp,nis,}domainname=hostname -y
       dnsdomainname=hostname -d

Program options:
    -a, --alias            alias names
    -A, --all-fqdns        all long host names (FQDNs)
    -b, --boot             set default hostname if none available
    -d, --domain           DNS domain name
    -f, --fqdn, --long     long host name (FQDN)
    -F, --file             read host name or NIS domain name from given file
    -i, --ip-address       addresses for the host name
    -I, --all-ip-addresses all addresses for the host
    -s, --short            short host name
    -y, --yp, --nis        NIS/YP domain name

Description:
   This command can get or set the host name or the NIS domain name. You can
   also get the DNS domain or the FQDN (fully qualified domain name).
   Unless you are using bind or NIS for host lookups you can change the
   FQDN (Fully Qualified Domain Name) and the DNS domain name (which is
   part of the FQDN) in the /etc/hosts file.
? 255
$ hostname -F /nosuch
hostname: No such file or directory
? 1
$ hostname host1
`.slice(1);
  expect(replay(commands, {}, recorded)).toBe(recorded);
});
