/** The reasons on status lines (ngx_http_header_filter_module.c); those that aren't listed go without. */
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Moved Temporarily',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Time-out',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Large',
  415: 'Unsupported Media Type',
  416: 'Requested Range Not Satisfiable',
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
  505: 'HTTP Version Not Supported',
  507: 'Insufficient Storage',
};

/** What the pages say where it isn't the status line's reason (ngx_http_special_response.c). */
const TITLES: Readonly<Record<number, string>> = { 302: '302 Found', 401: '401 Authorization Required' };

/** Statuses with a page of their own. */
const WITHOUT_PAGE = new Set([200, 201, 202, 204, 206, 304]);

export const VERSION = '1.30.6';

export function reasonOf(status: number): string {
  return REASONS[status] ?? '';
}

/** The built-in page of a status; empty when there is none. */
export function errorPage(status: number, tokens: boolean): string {
  const reason = REASONS[status];
  if (reason === undefined || WITHOUT_PAGE.has(status)) return '';
  const title = TITLES[status] ?? `${status} ${reason}`;
  const server = tokens ? `nginx/${VERSION}` : 'nginx';
  const lines = [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    `<hr><center>${server}</center>`,
    '</body>',
    '</html>',
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}
