// `npm start`: installs what is missing, then serves the book with live reload and prints its address.
import { ensureInstalled, handOver, packageCommand } from './bootstrap.mjs';

ensureInstalled();
handOver(packageCommand('astro'), ['dev', ...process.argv.slice(2)], { ASTRO_TELEMETRY_DISABLED: '1' });
