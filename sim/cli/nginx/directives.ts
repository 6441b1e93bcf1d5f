/** Where a directive may stand. */
export type Context = 'main' | 'events' | 'http' | 'server' | 'location' | 'server-if' | 'location-if' | 'upstream' | 'limit_except';

/** How its value is checked when the file is read. */
export type ValueKind = 'any' | 'flag' | 'number' | 'size' | 'time' | 'times' | 'off-size';

export interface DirectiveRule {
  name: string;
  contexts: readonly Context[];
  /** How many arguments. */
  least: number;
  most: number;
  block: boolean;
  value: ValueKind;
  /** May stand more than once in one place. */
  repeats: boolean;
  /** Real, and refused here. */
  refused: boolean;
}

const LETTERS: Readonly<Record<string, Context>> = {
  m: 'main',
  e: 'events',
  h: 'http',
  s: 'server',
  l: 'location',
  i: 'server-if',
  j: 'location-if',
  u: 'upstream',
  x: 'limit_except',
};

/**
 * The directives: name, where (m main, e events, h http, s server, l location, i/j `if` in server/location, u upstream,
 * x limit_except), arguments (`2`, `1-3`, `1+`, with `{` for a block), then how the value is checked, `+` if it may be repeated
 * and `!` if it exists but isn't modelled. Those without effect on what can be observed here are only checked.
 */
const TABLE = `
daemon m 1 flag
debug_points m 1
env m 1 +
error_log mhsl 1+ +
events m 0{
include mehsljuxi 1 +
load_module m 1 + !
lock_file m 1
master_process m 1 flag
pcre_jit m 1 flag
pid m 1
ssl_engine m 1 !
stream m 0{ !
mail m 0{ !
thread_pool m 2-3 +
timer_resolution m 1 time
user m 1-2
worker_aio_requests m 1 number
worker_cpu_affinity m 1+
worker_priority m 1
worker_processes m 1
worker_rlimit_core m 1 size
worker_rlimit_nofile m 1 number
worker_shutdown_timeout m 1 time
working_directory m 1
accept_mutex e 1 flag
accept_mutex_delay e 1 time
debug_connection e 1 +
multi_accept e 1 flag
use e 1
worker_connections e 1 number
http m 0{
server h 0{ +
location sl 1-2{ +
upstream h 1{ +
map h 2{ +
geo h 1-2{ + !
split_clients h 2{ + !
types hsl 0{
if sl 1+{ +
limit_except l 1+{ !
listen s 1+ +
server_name s 1+ +
server_name_in_redirect hsl 1 flag
server_names_hash_bucket_size h 1 number
server_names_hash_max_size h 1 number
variables_hash_bucket_size h 1 number
variables_hash_max_size h 1 number
types_hash_bucket_size hsl 1 number
types_hash_max_size hsl 1 number
map_hash_bucket_size h 1 number
map_hash_max_size h 1 number
server_tokens hsl 1
root hslj 1
alias l 1
index hsl 1+
try_files sl 2+
internal l 0
autoindex hsl 1 flag
autoindex_exact_size hsl 1 flag
autoindex_localtime hsl 1 flag
autoindex_format hsl 1 !
default_type hsl 1
return slij 1-2 +
rewrite slij 2-3 +
rewrite_log hslij 1 flag
set slij 2 +
break slij 0 +
uninitialized_variable_warn hslij 1 flag
error_page hslj 2+ +
recursive_error_pages hsl 1 flag
log_not_found hsl 1 flag
log_subrequest hsl 1 flag
access_log hsljx 1+ +
log_format h 2+ +
open_log_file_cache hsl 1-4
add_header hslj 2-3 +
add_trailer hslj 2-3 + !
expires hslj 1-2
etag hsl 1 flag
if_modified_since hsl 1
absolute_redirect hsl 1 flag
port_in_redirect hsl 1 flag
merge_slashes hs 1 flag
underscores_in_headers hs 1 flag
ignore_invalid_headers hs 1 flag
large_client_header_buffers hs 2
client_header_buffer_size hs 1 size
client_header_timeout hs 1 time
client_body_buffer_size hsl 1 size
client_body_in_file_only hsl 1
client_body_in_single_buffer hsl 1 flag
client_body_temp_path hsl 1-4
client_body_timeout hsl 1 time
client_max_body_size hsl 1 size
connection_pool_size hs 1 size
request_pool_size hs 1 size
chunked_transfer_encoding hsl 1 flag
keepalive_disable hsl 1+
keepalive_min_timeout hsl 1 time
keepalive_requests hsl 1 number
keepalive_time hsl 1 time
keepalive_timeout hsl 1-2 times
lingering_close hsl 1
lingering_time hsl 1 time
lingering_timeout hsl 1 time
reset_timedout_connection hsl 1 flag
resolver hsl 1+
resolver_timeout hsl 1 time
satisfy hsl 1
send_timeout hsl 1 time
sendfile hslj 1 flag
sendfile_max_chunk hsl 1 size
send_lowat hsl 1 size
tcp_nodelay hsl 1 flag
tcp_nopush hsl 1 flag
aio hsl 1
directio hsl 1 off-size
max_ranges hsl 1 number
msie_padding hsl 1 flag
msie_refresh hsl 1 flag
open_file_cache hsl 1-2
open_file_cache_errors hsl 1 flag
open_file_cache_min_uses hsl 1 number
open_file_cache_valid hsl 1 time
output_buffers hsl 2
postpone_output hsl 1 size
limit_rate hslj 1 !
limit_conn hsl 2 + !
limit_conn_zone h 2 + !
limit_req hsl 1-3 + !
limit_req_zone h 3-4 + !
post_action hsl 1 !
allow hslx 1 +
deny hslx 1 +
auth_basic hslx 1 !
auth_basic_user_file hslx 1 !
auth_request hsl 1 !
stub_status sl 0-1
gzip hslj 1 flag
gzip_buffers hsl 2
gzip_comp_level hsl 1 number
gzip_disable hsl 1+
gzip_http_version hsl 1
gzip_min_length hsl 1 size
gzip_proxied hsl 1+
gzip_static hsl 1
gzip_types hsl 1+
gzip_vary hsl 1 flag
charset hslj 1
source_charset hslj 1
sub_filter hsl 2 + !
real_ip_header hsl 1 !
set_real_ip_from hsl 1 + !
dav_methods hsl 1+ !
mirror hsl 1 + !
slice hsl 1 !
http2 hs 1 flag !
ssl_certificate hs 1 + !
ssl_certificate_key hs 1 + !
ssl_ciphers hs 1
ssl_dhparam hs 1 !
ssl_prefer_server_ciphers hs 1 flag
ssl_protocols hs 1+
ssl_session_cache hs 1-2
ssl_session_timeout hs 1 time
ssl_stapling hs 1 flag !
fastcgi_pass lj 1 !
fastcgi_param hslj 2-3 + !
grpc_pass lj 1 !
scgi_pass lj 1 !
uwsgi_pass lj 1 !
memcached_pass lj 1 !
proxy_pass ljx 1
proxy_set_header hsl 2 +
proxy_http_version hsl 1
proxy_hide_header hsl 1 +
proxy_pass_header hsl 1 +
proxy_pass_request_body hsl 1 flag
proxy_pass_request_headers hsl 1 flag
proxy_method hsl 1
proxy_set_body hsl 1 !
proxy_bind hsl 1-2 !
proxy_redirect hsl 1-2 +
proxy_connect_timeout hsl 1 time
proxy_read_timeout hsl 1 time
proxy_send_timeout hsl 1 time
proxy_next_upstream hsl 1+
proxy_next_upstream_tries hsl 1 number
proxy_next_upstream_timeout hsl 1 time
proxy_buffering hsl 1 flag
proxy_request_buffering hsl 1 flag
proxy_buffer_size hsl 1 size
proxy_buffers hsl 2
proxy_busy_buffers_size hsl 1 size
proxy_max_temp_file_size hsl 1 size
proxy_temp_file_write_size hsl 1 size
proxy_temp_path hsl 1-4
proxy_ignore_client_abort hsl 1 flag
proxy_ignore_headers hsl 1+
proxy_intercept_errors hsl 1 flag
proxy_headers_hash_bucket_size hsl 1 number
proxy_headers_hash_max_size hsl 1 number
proxy_socket_keepalive hsl 1 flag
proxy_cache hsl 1 !
proxy_cache_path h 2+ + !
proxy_cache_valid hsl 1+ + !
proxy_cache_key hsl 1 !
proxy_cache_bypass hsl 1+ !
proxy_no_cache hsl 1+ !
proxy_store hsl 1 !
proxy_ssl_verify hsl 1 flag !
proxy_ssl_server_name hsl 1 flag !
server u 1+ +
least_conn u 0
ip_hash u 0
hash u 1-2
random u 0-2 !
zone u 1-2
keepalive u 1-2
keepalive_requests u 1 number
keepalive_time u 1 time
keepalive_timeout u 1 time
sticky u 1+ !
`;

function parseRow(row: string): DirectiveRule {
  const [name = '', where = '', count = '', ...rest] = row.split(' ');
  const block = count.endsWith('{');
  const [from = '0', to] = count.replace('{', '').replace('+', '-').split('-');
  const least = Number(from);
  return {
    name,
    contexts: [...where].map((letter) => LETTERS[letter] as Context),
    least,
    most: to === undefined ? least : to === '' ? Number.POSITIVE_INFINITY : Number(to),
    block,
    value: (rest.find((word) => /^[a-z]/.test(word)) as ValueKind | undefined) ?? 'any',
    repeats: rest.includes('+'),
    refused: rest.includes('!'),
  };
}

const RULES = new Map<string, DirectiveRule[]>();
for (const row of TABLE.trim().split('\n')) {
  const rule = parseRow(row);
  RULES.set(rule.name, [...(RULES.get(rule.name) ?? []), rule]);
}

/** Every directive of that name; several modules may each have one. */
export function rulesOf(name: string): readonly DirectiveRule[] {
  return RULES.get(name) ?? [];
}

/** What is wrong with a value, as text that follows `"NAME" directive `, or a whole message. */
export function checkValue(rule: DirectiveRule, args: readonly string[]): string | undefined {
  const [value = ''] = args;
  const bad = `"${rule.name}" directive invalid value`;
  switch (rule.value) {
    case 'flag':
      return /^(on|off)$/i.test(value) ? undefined : `invalid value "${value}" in "${rule.name}" directive, it must be "on" or "off"`;
    case 'number':
      return /^\d+$/.test(value) ? undefined : `"${rule.name}" directive invalid number`;
    case 'size':
      return parseSize(value) === undefined ? bad : undefined;
    case 'off-size':
      return value === 'off' || parseSize(value) !== undefined ? undefined : bad;
    case 'time':
    case 'times':
      return args.some((text) => parseTime(text) === undefined) ? bad : undefined;
    case 'any':
      return undefined;
  }
}

/** `8k`, `1m`, `1g` in bytes. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)([kKmMgG]?)$/.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * 1024 ** ' kmg'.indexOf((match[2] ?? '').toLowerCase() || ' ');
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 0.001,
  '': 1,
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  M: 2_592_000,
  y: 31_536_000,
};

/** `30s`, `1m30s`, `500ms` in seconds. */
export function parseTime(text: string): number | undefined {
  if (!/^(\d+(ms|[smhdwMy])?)+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+)(ms|[smhdwMy])?/g)) seconds += Number(count) * (UNITS[unit] ?? 1);
  return seconds;
}
