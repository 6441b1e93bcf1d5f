/** Variables that are there without being set; those with a family's prefix (`http_`, `arg_` …) come on top. */
export const BUILT_IN: ReadonlySet<string> = new Set(
  `args binary_remote_addr body_bytes_sent bytes_sent connection connection_requests connection_time content_length content_type
document_root document_uri host hostname is_args limit_rate msec nginx_version pid pipe proxy_add_x_forwarded_for proxy_host
proxy_port query_string realpath_root remote_addr remote_port remote_user request request_body request_completion
request_filename request_id request_length request_method request_time request_uri scheme server_addr server_name server_port
server_protocol status tcpinfo_rtt time_iso8601 time_local upstream_addr upstream_bytes_received upstream_bytes_sent
upstream_connect_time upstream_header_time upstream_response_length upstream_response_time upstream_status uri
https http_host connections_active connections_reading connections_waiting connections_writing`.split(/\s+/),
);

/** Families of variables, by the beginnings of their names. */
export const FAMILIES = ['http_', 'arg_', 'cookie_', 'sent_http_', 'upstream_http_', 'upstream_cookie_'] as const;

export function isBuiltIn(name: string): boolean {
  return BUILT_IN.has(name) || FAMILIES.some((family) => name.startsWith(family));
}
