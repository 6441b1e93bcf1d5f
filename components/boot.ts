import { CellElement } from './cell/cell.ts';
import { ExerciseElement } from './exercise/exercise.ts';
import { TerminalElement } from './terminal/terminal.ts';
import { TopologyElement } from './topology/topology.ts';

/** Everything a page needs before its first use; xterm, the drawing's engine and the simulation load when they are wanted. */
customElements.define('nd-cell', CellElement);
customElements.define('nd-exercise', ExerciseElement);
customElements.define('nd-terminal', TerminalElement);
customElements.define('nd-topology', TopologyElement);
