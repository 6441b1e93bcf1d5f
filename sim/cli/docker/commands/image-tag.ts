import { parseReference } from '../../../engines/docker/images/reference.ts';
import { Refusal } from '../../../engines/docker/refusal.ts';

/** Why a `--tag` is no good, as the flag's value is read. */
export function checkTag(text: string): string | undefined {
  const reference = parseReference(text);
  return reference instanceof Refusal ? reference.message : undefined;
}
