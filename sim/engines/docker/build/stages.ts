import { invalid, Refusal } from '../refusal.ts';
import { type Instruction, parseDockerfile, parseError, wordsOf } from './dockerfile.ts';

/** From one FROM to the next. */
export interface Stage {
  from: Instruction;
  /** After AS, in lower case; empty without. */
  name: string;
  instructions: Instruction[];
}

/** A Dockerfile in order. */
export interface Plan {
  /** ARGs before the first FROM. */
  metaArgs: Instruction[];
  stages: Stage[];
  /** How many `Step` lines there will be. */
  steps: number;
}

/** Divides a Dockerfile into stages, up to the one that is wanted. */
export function planBuild(text: string, name: string, target: string): Plan | Refusal {
  if (text === '') return invalid(`the Dockerfile (${name}) cannot be empty`);
  const instructions = parseDockerfile(text);
  if (instructions instanceof Refusal) return instructions;
  if (instructions.length === 0) return invalid('file with no instructions');
  const plan: Plan = { metaArgs: [], stages: [], steps: 0 };
  for (const instruction of instructions) {
    const stage = plan.stages.at(-1);
    if (instruction.name === 'FROM') {
      const alias = (wordsOf(instruction)[2] ?? '').toLowerCase();
      if (alias !== '' && !/^[a-z][a-z0-9-_.]*$/.test(alias)) {
        return parseError(
          instruction.line,
          `invalid name for build stage: ${JSON.stringify(alias)}, name can't start with a number or contain symbols`,
        );
      }
      plan.stages.push({ from: instruction, name: alias, instructions: [] });
    } else if (stage) stage.instructions.push(instruction);
    else if (instruction.name === 'ARG') plan.metaArgs.push(instruction);
    else return invalid('no build stage in current context');
  }
  if (target !== '') {
    const at = plan.stages.findIndex((stage, index) => stage.name === target.toLowerCase() || String(index) === target);
    if (at < 0) return invalid(`target stage ${JSON.stringify(target)} could not be found`);
    plan.stages.splice(at + 1);
  }
  plan.steps = plan.metaArgs.length + plan.stages.reduce((sum, stage) => sum + 1 + stage.instructions.length, 0);
  return plan;
}
