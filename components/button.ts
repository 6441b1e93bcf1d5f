import { type IconName, icon } from './icons.ts';

/** A button with an icon; its label is shown beside the icon when `worded`, else only told to assistive technology and on hover. */
export interface ButtonOf {
  act: string;
  icon: IconName;
  label: string;
  worded?: boolean;
}

/** Buttons do nothing without JavaScript, so they are made by it. */
export function button({ act, icon: name, label, worded }: ButtonOf): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'nd-button';
  made.dataset.act = act;
  made.innerHTML = icon(name);
  if (worded) made.insertAdjacentHTML('beforeend', `<span>${label}</span>`);
  else {
    made.title = label;
    made.setAttribute('aria-label', label);
  }
  return made;
}
