/** A run-time error that ends awk with status 2. `plain` leaves the words `run time error` and the record's place out. */
export class Fatal {
  readonly message: string;
  readonly kind: 'run-time' | 'plain' | 'regex';

  constructor(message: string, kind: 'run-time' | 'plain' | 'regex' = 'run-time') {
    this.message = message;
    this.kind = kind;
  }
}
