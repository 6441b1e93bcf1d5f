/** Ends the program with a message. */
export class Failure {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
