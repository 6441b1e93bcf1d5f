import { describe, expect, it } from 'vitest';
import { type Bpdu, bpduLength, emitBpdu, parseBpdu } from './stp.ts';

/** As a Linux bridge sends it: root 8000.020000000010 itself, port 0x8001, times 20, 2 and 15 seconds. */
const HELLO = '0000000000 8000020000000010 00000000 8000020000000010 8001 0000 1400 0200 0f00';

const bytesOf = (hex: string) => new Uint8Array((hex.replace(/ /g, '').match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));

describe('spanning tree messages', () => {
  it('are read and written as on the wire', () => {
    const bytes = bytesOf(HELLO);
    const message = parseBpdu(bytes, 0, bytes.length) as Bpdu;
    expect(message).toEqual({
      kind: 'config',
      topologyChange: false,
      topologyChangeAck: false,
      root: 0x8000_0200_0000_0010n,
      cost: 0,
      bridge: 0x8000_0200_0000_0010n,
      port: 0x8001,
      messageAge: 0,
      maxAge: 20_000_000,
      helloTime: 2_000_000,
      forwardDelay: 15_000_000,
    });
    const again = new Uint8Array(bpduLength(message));
    emitBpdu(again, 0, message);
    expect(again).toEqual(bytes);
  });

  it('cut short or of another kind are refused', () => {
    const bytes = bytesOf(HELLO);
    expect(parseBpdu(bytes, 0, 34)).toHaveProperty('malformed');
    expect(parseBpdu(bytesOf('00000202'), 0, 4)).toHaveProperty('malformed');
    expect(parseBpdu(bytesOf('00000080'), 0, 4)).toEqual({ kind: 'topology-change' });
  });
});
