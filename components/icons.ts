/** Line icons, 16 units square, drawn for this book; they take the colour of the text beside them. */
const PATHS = {
  run: '<path d="M5 3.2v9.6L12.8 8z" fill="currentColor" stroke-linejoin="round"/>',
  stop: '<rect x="4" y="4" width="8" height="8" rx="1" fill="currentColor"/>',
  copy: '<rect x="5.5" y="5.5" width="7.5" height="8" rx="1.2"/><path d="M10.5 5.5v-2a1 1 0 0 0-1-1H4a1 1 0 0 0-1 1v6.5a1 1 0 0 0 1 1h1.5"/>',
  reset: '<path d="M3.2 8a4.8 4.8 0 1 0 1.6-3.6"/><path d="M3.4 2.4v2.7h2.7"/>',
  terminal: '<rect x="1.8" y="2.8" width="12.4" height="10.4" rx="1.6"/><path d="m4.6 6 2 2-2 2M8.6 10.2h2.8"/>',
  close: '<path d="m4 4 8 8M12 4l-8 8"/>',
  replay: '<path d="M12.8 8a4.8 4.8 0 1 1-1.6-3.6"/><path d="M12.6 2.4v2.7H9.9"/>',
  previous: '<path d="M10.2 3.6 5.4 8l4.8 4.4"/>',
  next: '<path d="M5.8 3.6 10.6 8l-4.8 4.4"/>',
  follow:
    '<circle cx="3.6" cy="12.4" r="1.6"/><circle cx="12.4" cy="3.6" r="1.6"/><path d="M5.2 12.4h4a2.2 2.2 0 0 0 0-4.4H6.8a2.2 2.2 0 0 1 0-4.4h4"/>',
  more: '<path d="M3 4.2h10M3 8h10M3 11.8h6"/>',
  search: '<circle cx="7" cy="7" r="4.6"/><path d="m10.5 10.5 3.3 3.3"/>',
  restore: '<path d="M6.2 3.4 3 6.4l3.2 3"/><path d="M3.4 6.4h6a3.4 3.4 0 0 1 0 6.8H7"/>',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): string {
  return `<svg class="nd-icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${PATHS[name]}</svg>`;
}
