import { expect, test } from 'vitest';
import { ruleLines } from './rule-line.ts';

test('a rule that matched', () => {
  expect(ruleLines('filter FORWARD 2: -p icmp -j ACCEPT', 1)).toEqual([
    { table: 'filter', chain: 'FORWARD', number: '2', text: '-p icmp -j ACCEPT', matched: true },
  ]);
});

test('neighbours that did not, each with what did not fit', () => {
  const text =
    'filter FORWARD 1: -s 10.0.0.1/32 -j DROP (no match: source)\nfilter FORWARD 2: -m comment --comment "a (b)" -j LOG (no match: comment)';
  expect(ruleLines(text, 0)).toEqual([
    { table: 'filter', chain: 'FORWARD', number: '1', text: '-s 10.0.0.1/32 -j DROP', matched: false, mismatch: 'source' },
    { table: 'filter', chain: 'FORWARD', number: '2', text: '-m comment --comment "a (b)" -j LOG', matched: false, mismatch: 'comment' },
  ]);
});

test('one that matched, behind one that did not', () => {
  const text = 'filter INPUT 1: -p tcp -j DROP (no match: protocol)\nfilter INPUT 2: -p udp -j ACCEPT';
  expect(ruleLines(text, 1)).toMatchObject([
    { number: '1', matched: false, mismatch: 'protocol' },
    { number: '2', text: '-p udp -j ACCEPT', matched: true },
  ]);
});

test('rules that an index passed over, and a policy', () => {
  expect(ruleLines('nat KUBE-SERVICES 4-120: (no match: destination)', 0)).toEqual([
    { table: 'nat', chain: 'KUBE-SERVICES', number: '4-120', text: '', matched: false, mismatch: 'destination' },
  ]);
  expect(ruleLines('filter INPUT policy: -P INPUT DROP', 1)[0]).toMatchObject({ number: 'policy', text: '-P INPUT DROP', matched: true });
});

test('a table of nft is named with its family', () => {
  expect(ruleLines('inet fw input 3: tcp dport 22 accept', 1)[0]).toMatchObject({ table: 'inet fw', chain: 'input', number: '3' });
});
