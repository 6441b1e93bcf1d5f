import type { Blocking } from '../../host/wait.ts';
import { compilePosix, escapeLiteral, isPosixError } from '../posix-regex.ts';
import { expandParts, expandText } from './expand.ts';
import { Pattern } from '../shell-pattern.ts';
import type { TestExpression } from './parse.ts';
import type { Shell } from './shell.ts';
import { compareFiles, compareIntegers, fileTest } from './test-expression.ts';
import { isVariableSet, testOption } from './test-context.ts';
import { terminalOf } from '../../host/tty.ts';
import { parseWord } from './word.ts';
import { expandPattern } from './expand.ts';
import { ExpansionError } from './control.ts';

/** `[[ … ]]`: 0 when true, 1 when false, 2 for a bad regular expression. */
export function* evaluateConditional(shell: Shell, expression: TestExpression): Blocking<number> {
  try {
    return (yield* evaluate(shell, expression)) ? 0 : 1;
  } catch (error) {
    if (error instanceof BadExpression) {
      if (error.message !== '') yield* shell.complain(`[[: ${error.message}`);
      return 2;
    }
    if (error instanceof ExpansionError && !error.fatal && error.message.includes('error token')) {
      yield* shell.complain(`[[: ${error.message}`);
      return 1;
    }
    throw error;
  }
}

class BadExpression extends Error {}

function* evaluate(shell: Shell, expression: TestExpression): Blocking<boolean> {
  switch (expression.type) {
    case 'TestGroup':
      return yield* evaluate(shell, expression.expression);
    case 'TestNot': {
      const value = yield* evaluate(shell, expression.operand);
      return expression.negations.length % 2 === 0 ? value : !value;
    }
    case 'TestLogical':
      for (const operand of expression.operands) {
        const value = yield* evaluate(shell, operand);
        if (value !== (expression.operator === '&&')) return value;
      }
      return expression.operator === '&&';
    case 'TestUnary':
      return yield* unary(shell, expression.operator, expression.operand.text);
    case 'TestBinary':
      return yield* binary(shell, expression.operator, expression.left.text, expression.right.text);
  }
}

function* unary(shell: Shell, operator: string, source: string): Blocking<boolean> {
  const operand = yield* expandText(shell, source);
  switch (operator) {
    case '-n':
      return operand !== '';
    case '-z':
      return operand === '';
    case '-v':
      return isVariableSet(shell, operand);
    case '-o':
      return testOption(shell, operand);
    case '-R':
      return shell.variables.find(operand, false)?.reference ?? false;
    case '-t':
      return terminalOf(shell.process.fds.get(Number(operand))) !== undefined;
    default:
      return fileTest(shell.process, operator, operand);
  }
}

function* binary(shell: Shell, operator: string, leftSource: string, rightSource: string): Blocking<boolean> {
  const left = yield* expandText(shell, leftSource);
  switch (operator) {
    case '=':
    case '==':
    case '!=': {
      const source = yield* expandPattern(shell, parseWord(rightSource));
      const matches = new Pattern(source, { extglob: true, ignoreCase: shell.shopt('nocasematch') }).matches(left);
      return matches === (operator !== '!=');
    }
    case '=~':
      return yield* regularExpression(shell, left, rightSource);
    case '<':
      return left < (yield* expandText(shell, rightSource));
    case '>':
      return left > (yield* expandText(shell, rightSource));
    case '-nt':
    case '-ot':
    case '-ef':
      return compareFiles(shell.process, left, operator, yield* expandText(shell, rightSource));
    default: {
      const right = yield* expandText(shell, rightSource);
      return compareIntegers(shell.arithmetic(left), operator, shell.arithmetic(right));
    }
  }
}

/** `=~`: quoted parts are literal; the groups go to BASH_REMATCH. */
function* regularExpression(shell: Shell, text: string, source: string): Blocking<boolean> {
  const pieces = yield* expandParts(shell, parseWord(source), { quoted: false, fields: false });
  // Backslashes of the source are quotes to the word reader; here each one escapes for the expression.
  const pattern = pieces.map((piece) => (piece === 'break' ? ' ' : piece.quoted ? escapeLiteral(piece.text) : piece.text)).join('');
  const compiled = compilePosix(pattern, { extended: true, ignoreCase: shell.shopt('nocasematch') });
  if (isPosixError(compiled))
    throw new BadExpression(
      `invalid regular expression \`${pattern}': ${compiled.error.startsWith('Unmatched [') ? 'Invalid regular expression' : compiled.error}`,
    );
  const match = compiled.exec(text);
  const groups = new Map<number, string>();
  for (const [i, group] of (match ?? []).entries()) groups.set(i, group ?? '');
  const variable = shell.variables.declareGlobal('BASH_REMATCH');
  variable.value = groups;
  return match !== null;
}
