/** IPv4 options by their first byte (RFC 791 §3.1). */
export const IPV4_OPTION = {
  End: 0,
  NoOperation: 1,
  RecordRoute: 7,
  Timestamp: 0x44,
  LooseSourceRoute: 0x83,
  StrictSourceRoute: 0x89,
  RouterAlert: 0x94,
} as const;

/** What the timestamp option asks for: times, addresses with times, times of addresses that are given. */
export const TIMESTAMP_FLAG = { Only: 0, WithAddress: 1, Prespecified: 3 } as const;
