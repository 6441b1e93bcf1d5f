import { expect, test } from 'vitest';
import { withPolicy } from './csp.ts';

// The hash is OpenSSL's: printf 'go()' | openssl dgst -sha256 -binary | base64
test('an inline script is allowed by the hash of its text, a data block is left alone', () => {
  const html = withPolicy(
    '<meta charset="utf-8"/><script>go()</script><script type="application/json">{}</script><script src="/a.js"></script>',
  );
  expect(html).toContain(`script-src 'self' 'wasm-unsafe-eval' 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw=';`);
  expect(html.match(/sha256/g)).toHaveLength(1);
  expect(html).not.toMatch(/'unsafe-eval'/);
});
