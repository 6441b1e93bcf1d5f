/** What messages begin with. */
export const VERSION = '7.24';
