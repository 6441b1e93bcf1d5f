/** What is loaded together: commands about the files of images and containers, and what they use up. */
export { commit, importImage, load, save } from './archives.ts';
export { build } from './build.ts';
export { diff, exportContainer } from './changes.ts';
export { cp } from './cp.ts';
export { stats } from './stats.ts';
export { update } from './update.ts';
