/** Why the daemon refuses a request: an HTTP status and the text after `Error response from daemon: `. A value, never thrown. */
export class Refusal {
  readonly status: number;
  readonly message: string;

  constructor(status: number, message: string) {
    this.status = status;
    this.message = message;
  }
}

/** A bad request: something about the arguments. */
export function invalid(message: string): Refusal {
  return new Refusal(400, message);
}

export function notFound(message: string): Refusal {
  return new Refusal(404, message);
}

export function conflict(message: string): Refusal {
  return new Refusal(409, message);
}

/** Something the real Engine does and ours doesn't, named. */
export function notModelled(what: string): Refusal {
  return new Refusal(501, `${what} is not modelled (see sim/FIDELITY.md)`);
}
