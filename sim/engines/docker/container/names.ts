import type { Random } from '../../../base/random.ts';

/** First halves of the names of containers that were given none; a choice of our own in the manner of the Engine's. */
const MOODS = `admiring agile amazed amused blissful bold brave busy calm charming clever compassionate cool cranky curious dazzling
determined distracted dreamy eager ecstatic elated elegant eloquent epic fervent festive flamboyant focused friendly frosty funny gallant
gifted goofy gracious happy hardcore hopeful hungry infallible inspiring intelligent jolly jovial keen kind laughing loving lucid magical
modest mystifying naughty nervous nice nifty nostalgic objective optimistic peaceful pensive practical priceless quirky quizzical relaxed
reverent romantic sad serene sharp silly sleepy stoic strange sweet tender thirsty trusting upbeat vibrant vigilant wizardly wonderful
youthful zealous zen`.split(/\s+/);

/** Second halves: people of science and computing. */
const PEOPLE = `allen archimedes babbage banach bardeen bell benz bohr booth boyd carson cerf chandrasekhar clarke cohen copernicus curie
darwin davinci dijkstra dirac easley edison einstein elion engelbart euclid euler faraday fermat fermi feynman franklin gagarin galileo
gates gauss germain goldberg goodall hamilton hawking heisenberg hermann hertz hopper hugle hypatia jackson jang jennings jepsen johnson
kalam keller kepler kilby knuth lamarr lamport leakey leavitt liskov lovelace lumiere mahavira mayer mccarthy mcclintock meitner mendel
mestorf mirzakhani morse murdock newton nightingale nobel noether northcutt pare pascal pasteur perlman pike poincare ptolemy raman
ride ritchie roentgen rosalind rubin sammet shannon shaw sinoussi snyder stallman swanson swartz tesla thompson torvalds turing varahamihira
villani volhard wescoff wiles williams wilson wing wozniak wright yalow yonath`.split(/\s+/);

/** A name such as `zealous_hopper` that nobody has yet. */
export function randomName(random: Random, taken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt++) {
    const name = `${MOODS[random.below(MOODS.length)]}_${PEOPLE[random.below(PEOPLE.length)]}`;
    const numbered = attempt < 6 ? name : `${name}${attempt}`;
    if (!taken(numbered)) return numbered;
  }
}
