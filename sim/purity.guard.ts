/**
 * The simulation sees no browser, no Node and no clock: its tsconfig has neither DOM nor Node types. One stray reference to
 * either would let them back in without a word; then the lines below, which must not compile, would, and the type check fails.
 */
// @ts-expect-error: no timers
void setTimeout;
// @ts-expect-error: no timers
void setInterval;
// @ts-expect-error: no promise jobs
void queueMicrotask;
// @ts-expect-error: no network
void fetch;
// @ts-expect-error: no page
void document;
// @ts-expect-error: no page
void window;
// @ts-expect-error: no console
void console;
// @ts-expect-error: no clock
void performance;
// @ts-expect-error: no randomness
void crypto;
// @ts-expect-error: no Node
void process;
// @ts-expect-error: no Node
void Buffer;
// @ts-expect-error: no Node
void require;

export {};
