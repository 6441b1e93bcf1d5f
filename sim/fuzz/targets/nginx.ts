import { encode } from '../../base/bytes.ts';
import { place } from '../../cli/install.ts';
import { Executable, RegularFile } from '../../host/inode.ts';
import { fuzzMachine } from '../machine.ts';
import { nearText } from '../mutate.ts';
import { target } from '../target.ts';

const CONFIGURATIONS = [
  'user root; worker_processes 2; error_log stderr;\nevents { worker_connections 64; }\nhttp { server { listen 80 default_server; listen [::]:80; server_name a *.b ~^c(?<n>\\d+)$; root /tmp; index a b; location = /x { return 200 "x $host\\n"; } } }\n',
  'events {}\nhttp {\n  upstream u { least_conn; server 10.0.0.1:80 weight=3 max_fails=2; server 10.0.0.2 backup; keepalive 4; }\n  map $uri $m { default 0; ~^/a 1; "/b" $host; }\n  server { listen 127.0.0.1:8080; location / { proxy_pass http://u/p; proxy_set_header Host $http_host; } }\n}\n',
  'events {}\nhttp { log_format f \'$remote_addr - [$time_local] "$request" $status\';\n  access_log /dev/stdout f; # why\n  server { listen 81; rewrite ^/a/(.*)$ /b/$1 last; if ($request_method = POST) { return 405; } location ~* \\.(jpg|png)$ { try_files $uri =404; add_header X-A "b\\"c"; } error_page 404 /e; } }\n',
  'include /etc/nginx/*.inc; events { } stream { } http { client_max_body_size 1m; keepalive_timeout 5s 6s; gzip on; server { listen 80; autoindex on; alias /x; allow 10.0.0.0/8; deny all; } }\n',
];

/** nginx.conf, as `nginx -t` and `nginx -T` read it. */
export const nginx = target(
  'nginx configuration',
  4,
  () => nearText(CONFIGURATIONS, 4),
  (text) => {
    const machine = fuzzMachine(['nginx']);
    const { root } = machine.host.init.namespaces.mnt;
    place(root, '/usr/sbin/nginx', new Executable('nginx'));
    place(root, '/etc/nginx/nginx.conf', new RegularFile(encode(text)));
    machine.run(['/usr/sbin/nginx', '-c', '/etc/nginx/nginx.conf', '-t']);
    machine.run(['/usr/sbin/nginx', '-c', '/etc/nginx/nginx.conf'], '', 200);
  },
);
