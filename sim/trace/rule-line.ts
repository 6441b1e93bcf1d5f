/** What one rule made of a packet, as a trace's `Rule` event tells it. */
export interface RuleLine {
  /** `nat`, or family and name as nft has them: `inet filter`. */
  table: string;
  chain: string;
  /** The rule's number from 1, a range of rules that an index passed over (`4-120`), or `policy`. */
  number: string;
  /** The rule as its table lists it; empty for a range. */
  text: string;
  matched: boolean;
  /** Which part of the rule did not fit the packet. */
  mismatch?: string;
}

const LINE = /^(.+?) (\S+) (\d+(?:-\d+)?|policy): ?(.*?)(?: ?\(no match: ([^()]*)\))?$/;

/**
 * Reads the text of a `Rule` event: a line for each rule that did not match, and one for the rule behind them that did.
 *
 * @param value the event's `value`: 1 when the last one matched
 */
export function ruleLines(text: string, value: number): RuleLine[] {
  return text.split('\n').map((line) => {
    const [, table = '', chain = '', number = '', rule = line, mismatch] = LINE.exec(line) ?? [];
    return {
      table,
      chain,
      number,
      text: rule,
      matched: value === 1 && mismatch === undefined,
      ...(mismatch === undefined ? {} : { mismatch }),
    };
  });
}
