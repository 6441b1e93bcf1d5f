/** Turns a line of the list of frames into a button; whoever holds the list hears the click. */
export function makeFollowable(line: HTMLElement): void {
  const words = line.querySelector('span');
  if (!words || line.dataset.packet === undefined) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'nd-follow';
  button.title = 'Follow this packet';
  button.append(...words.childNodes);
  words.replaceWith(button);
}
