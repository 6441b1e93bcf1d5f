/** What `ip monitor help` prints. */
export const MONITOR_USAGE = `Usage: ip monitor [ all | OBJECTS ] [ FILE ] [ label ] [ all-nsid ]
                  [ dev DEVICE ]
OBJECTS :=  address | link | mroute | maddress | acaddress | neigh |
            netconf | nexthop | nsid | prefix | route | rule | stats
FILE := file FILENAME
`;
