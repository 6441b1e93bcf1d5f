/** DHCP options as lines name them, by how their values are shown (the table of print-bootp.c). */

/**
 * `addresses`, `pairs` of them, `numbers` of 32 bits, `signed` ones, `shorts` of 16 bits; `bytes` with dots between; a `switch` is Y or N;
 * `special` values have a printer of their own.
 */
export type ValueKind = 'addresses' | 'pairs' | 'numbers' | 'signed' | 'shorts' | 'bytes' | 'text' | 'switch' | 'special';

export interface Tag {
  name: string;
  kind: ValueKind;
}

const BY_KIND: Readonly<Record<ValueKind, string>> = {
  addresses:
    '1 Subnet-Mask, 3 Default-Gateway, 4 Time-Server, 5 IEN-Name-Server, 6 Domain-Name-Server, 7 LOG, 8 CS, 9 ' +
    'LPR-Server, 10 IM, 11 RL, 16 SS, 28 BR, 32 RSA, 41 YS, 42 NTP, 44 Netbios-Name-Server, 45 WDD, 48 XFS, 49 XDM, ' +
    '50 Requested-IP, 54 Server-ID, 65 N+S, 68 MH, 69 SMTP, 70 POP3, 71 NNTP, 72 WWW, 73 FG, 74 IRC, 75 STS, 76 ' +
    'STDA, 92 Associated-IP, 112 NI, 118 SUBNET, 150 TFTP-Server-Address',
  pairs: '21 PF, 33 Static-Route',
  numbers: '24 MTU-Timeout, 35 AT, 38 KI, 51 Lease-Time, 58 RN, 59 RB, 91 Last-Transaction-Time',
  signed: '2 Time-Zone',
  shorts: '13 BS, 22 RSZ, 25 MTU-Table, 26 MTU, 57 MSZ, 64 N+D, 93 ARCH, 117 NSSEARCH',
  bytes:
    '0 PAD, 23 TTL, 37 TT, 43 Vendor-Option, 53 DHCP-Message, 55 Parameter-Request, 78 SLP-DA, 79 SLP-SCOPE, 83 ' +
    'ARMT, 89 FQDNS, 90 AUTH, 94 NDI, 97 GUID, 255 END',
  text:
    '12 Hostname, 14 DP, 15 Domain-Name, 17 RP, 18 EP, 40 YD, 47 Netbios-Scope, 56 MSG, 60 Vendor-Class, 66 TFTP, ' +
    '67 BF, 80 SLP-NA, 88 TZSTR, 95 LDAP, 98 UAP, 100 POSIX-TZ, 101 TZ-Name, 113 NITAG, 114 URL, 161 MUD-URL',
  switch: '19 IPF, 20 SRT, 27 LSN, 29 MD, 30 MS, 31 Router-Discovery, 34 UT, 36 IE, 39 KG, 116 Auto-Configure',
  special:
    '46 Netbios-Node, 52 OO, 61 Client-ID, 77 User-Class, 81 FQDN, 82 Agent-Information, 121 ' +
    'Classless-Static-Route, 143 SZTP-Redirect, 249 Classless-Static-Route-Microsoft',
};

export const TAGS: ReadonlyMap<number, Tag> = new Map(
  (Object.entries(BY_KIND) as [ValueKind, string][]).flatMap(([kind, list]) =>
    list.split(', ').map((entry): [number, Tag] => {
      const [number = '', name = ''] = entry.split(' ');
      return [Number(number), { name, kind }];
    }),
  ),
);
