import { SECOND } from '../../base/time.ts';
import type { Bpdu } from '../../wire/stp.ts';
import type { Bridge } from './bridge.ts';
import { sendBpdu } from './bpdu.ts';
import { Countdown } from '../countdown.ts';
import type { BridgePort } from './port.ts';

/**
 * Messages leave a port at most once in this time (BR_HOLD_TIME). A hello of the same moment comes first, as in the kernel's timer wheel, so
 * that the message it asks for leaves at once when the hold ends.
 */
const HOLD_TIME = SECOND + 1;
/** What a bridge adds to the age of what it passes on (MESSAGE_AGE_INCR): a tick. */
const AGE_STEP = 10_000;
const CENTISECOND = 10_000;

type Config = Extract<Bpdu, { kind: 'config' }>;

/**
 * The spanning tree of a bridge (IEEE 802.1D-1998, net/bridge/br_stp.c): which ports forward, so that bridges in a circle don't. Without STP
 * the same states are gone through at once.
 */
export class SpanningTree {
  readonly #bridge: Bridge;
  root = 0n;
  rootCost = 0;
  /** Number of the port that leads to the root; 0 on the root itself. */
  rootPort = 0;
  topologyChange = false;
  topologyChangeDetected = false;
  readonly hello: Countdown;
  readonly tcn: Countdown;
  readonly topology: Countdown;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    const { events } = bridge.net.kernel;
    this.hello = new Countdown(events, 'stp hello', true, () => this.#helloExpired());
    this.tcn = new Countdown(events, 'stp topology change notice', true, () => this.#tcnExpired());
    this.topology = new Countdown(events, 'stp topology change', true, () => this.#topologyExpired());
    this.root = bridge.id;
  }

  get on(): boolean {
    return this.#bridge.stpState !== 0;
  }

  get isRoot(): boolean {
    return this.root === this.#bridge.id;
  }

  #ports(): BridgePort[] {
    return [...this.#bridge.ports.values()];
  }

  // ---- who is the root, which ports are designated ------------------------------------------------------------------------

  isDesignated(port: BridgePort): boolean {
    return port.designatedBridge === this.#bridge.id && port.designatedPort === port.id;
  }

  #becomeDesignated(port: BridgePort): void {
    port.designatedRoot = this.root;
    port.designatedCost = this.rootCost;
    port.designatedBridge = this.#bridge.id;
    port.designatedPort = port.id;
  }

  /** Whether a port leads better to the root than the best so far (br_should_become_root_port). */
  #leadsBetter(port: BridgePort, best: BridgePort | undefined): boolean {
    if (port.state === 'disabled' || this.isDesignated(port) || this.#bridge.id <= port.designatedRoot || port.rootBlock) return false;
    if (!best) return true;
    return before(
      [port.designatedRoot, port.designatedCost + port.cost, port.designatedBridge, port.designatedPort, port.id],
      [best.designatedRoot, best.designatedCost + best.cost, best.designatedBridge, best.designatedPort, best.id],
    );
  }

  #rootSelection(): void {
    let best: BridgePort | undefined;
    for (const port of this.#ports()) if (this.#leadsBetter(port, best)) best = port;
    this.rootPort = best?.number ?? 0;
    this.root = best ? best.designatedRoot : this.#bridge.id;
    this.rootCost = best ? best.designatedCost + best.cost : 0;
  }

  #designatedSelection(): void {
    const { id } = this.#bridge;
    for (const port of this.#ports()) {
      if (port.state === 'disabled') continue;
      const ours =
        this.isDesignated(port) ||
        port.designatedRoot !== this.root ||
        before([this.rootCost, id, port.id], [port.designatedCost, port.designatedBridge, port.designatedPort]);
      if (ours) this.#becomeDesignated(port);
    }
  }

  update(): void {
    this.#rootSelection();
    this.#designatedSelection();
  }

  /** Each port's state by its role (br_port_state_selection). */
  selectStates(): void {
    for (const port of this.#ports()) {
      if (port.state === 'disabled') continue;
      const forwards = port.number === this.rootPort || this.isDesignated(port);
      if (!this.isDesignated(port)) port.clearPending();
      else port.messageAge.stop();
      if (forwards) this.#makeForwarding(port);
      else this.#makeBlocking(port);
    }
    this.#bridge.net.linkChanged(this.#bridge);
  }

  #makeBlocking(port: BridgePort): void {
    if (port.state === 'blocking' || port.state === 'disabled') return;
    if (port.state === 'forwarding' || port.state === 'learning') this.#detectChange();
    port.enter('blocking');
    port.forwardDelay.stop();
  }

  #makeForwarding(port: BridgePort): void {
    if (port.state !== 'blocking') return;
    const delay = this.#bridge.forwardDelay * CENTISECOND;
    if (!this.on || delay === 0) {
      port.enter('forwarding');
      this.#bridge.tellPort(port);
      this.#detectChange();
      port.forwardDelay.stop();
    } else port.enter('listening');
    if (this.on && delay !== 0) port.forwardDelay.start(delay);
    else if (delay !== 0) port.idleDelay.start(delay);
  }

  /** Listening becomes learning, learning forwarding (br_forward_delay_timer_expired). */
  forwardDelayExpired(port: BridgePort): void {
    if (port.state === 'listening') {
      port.enter('learning');
      this.#bridge.tellPort(port);
      port.forwardDelay.start(this.#bridge.forwardDelay * CENTISECOND);
    } else if (port.state === 'learning') {
      port.enter('forwarding');
      this.#bridge.tellPort(port);
      if (this.#ports().some((other) => this.isDesignated(other))) this.#detectChange();
      this.#bridge.net.linkChanged(this.#bridge);
    }
  }

  // ---- ports and the bridge come and go -----------------------------------------------------------------------------------

  enablePort(port: BridgePort): void {
    this.#becomeDesignated(port);
    port.enter('blocking');
    port.clearPending();
    this.selectStates();
  }

  disablePort(port: BridgePort): void {
    const wasRoot = this.isRoot;
    this.#becomeDesignated(port);
    port.enter('disabled');
    port.clearPending();
    port.stopTimers();
    this.update();
    this.selectStates();
    if (this.isRoot && !wasRoot) this.#becomeRoot();
  }

  enableBridge(): void {
    if (!this.on) return;
    this.hello.start(this.#bridge.helloTime * CENTISECOND);
    this.#generate();
  }

  disableBridge(): void {
    this.topologyChangeDetected = false;
    this.#setTopologyChange(false);
    for (const timer of [this.hello, this.tcn, this.topology]) timer.stop();
  }

  /** STP was switched on or off (br_stp_start, br_stp_stop). */
  switched(): void {
    if (this.on) {
      if (this.#bridge.up) this.enableBridge();
    } else {
      for (const timer of [this.hello, this.tcn, this.topology]) timer.stop();
      for (const port of this.#ports()) port.messageAge.stop();
      for (const port of this.#ports()) if (port.state !== 'disabled') this.#becomeDesignated(port);
    }
    this.update();
    this.selectStates();
    if (!this.on) this.#finishWaiting();
  }

  /** Without STP nothing waits any longer. */
  #finishWaiting(): void {
    for (const port of this.#ports()) {
      if (port.state !== 'listening' && port.state !== 'learning') continue;
      port.forwardDelay.stop();
      port.enter('forwarding');
    }
    this.#bridge.net.linkChanged(this.#bridge);
  }

  /** The bridge's identifier has changed (br_stp_change_bridge_id, br_stp_set_bridge_priority). */
  idChanged(old: bigint): void {
    const { id } = this.#bridge;
    const wasRoot = this.root === old;
    for (const port of this.#ports()) {
      if (port.designatedBridge === old) port.designatedBridge = id;
      if (port.designatedRoot === old) port.designatedRoot = id;
    }
    if (wasRoot) this.root = id;
    this.update();
    this.selectStates();
    if (this.isRoot && !wasRoot) this.#becomeRoot();
  }

  /** A port's priority has changed from what `old` tells (br_stp_set_port_priority). */
  portIdChanged(port: BridgePort, old: number): void {
    if (port.designatedBridge === this.#bridge.id && port.designatedPort === old) port.designatedPort = port.id;
    if (port.designatedBridge === this.#bridge.id && port.id < port.designatedPort) this.#becomeDesignated(port);
    this.selectStates();
  }

  costChanged(): void {
    this.update();
    this.selectStates();
  }

  #becomeRoot(): void {
    const bridge = this.#bridge;
    bridge.takeOwnTimes();
    this.#detectChange();
    this.tcn.stop();
    if (!bridge.up || !this.on) return;
    this.#generate();
    this.hello.start(bridge.helloTime * CENTISECOND);
  }

  // ---- messages -----------------------------------------------------------------------------------------------------------

  /** br_config_bpdu_generation. */
  #generate(): void {
    for (const port of this.#ports()) if (port.state !== 'disabled' && this.isDesignated(port)) this.transmit(port);
  }

  transmit(port: BridgePort): void {
    if (port.hold.running) {
      port.configPending = true;
      return;
    }
    const bridge = this.#bridge;
    const toRoot = this.#ports().find((other) => other.number === this.rootPort);
    const messageAge = this.isRoot || !toRoot ? 0 : bridge.now - toRoot.designatedAge + AGE_STEP;
    const maxAge = bridge.maxAge * CENTISECOND;
    if (messageAge >= maxAge) return;
    sendBpdu(port, {
      kind: 'config',
      topologyChange: this.topologyChange,
      topologyChangeAck: port.topologyChangeAck,
      root: this.root,
      cost: this.rootCost,
      bridge: bridge.id,
      port: port.id,
      messageAge,
      maxAge,
      helloTime: bridge.helloTime * CENTISECOND,
      forwardDelay: bridge.forwardDelay * CENTISECOND,
    });
    port.clearPending();
    port.hold.start(HOLD_TIME);
  }

  #transmitTcn(): void {
    const port = this.#ports().find((other) => other.number === this.rootPort);
    if (port) sendBpdu(port, { kind: 'topology-change' });
  }

  receive(port: BridgePort, message: Bpdu): void {
    if (!this.on || !this.#bridge.up || port.state === 'disabled') return;
    if (port.guard) {
      this.#bridge.net.kernel.log.write(5, `${this.#bridge.name}: BPDU received on blocked port ${port.number}(${port.device.name})`);
      return this.disablePort(port);
    }
    if (message.kind === 'config') this.#receiveConfig(port, message);
    else if (this.isDesignated(port)) {
      this.#detectChange();
      port.topologyChangeAck = true;
      this.transmit(port);
    }
  }

  #receiveConfig(port: BridgePort, message: Config): void {
    const wasRoot = this.isRoot;
    if (!this.#supersedes(port, message)) {
      if (this.isDesignated(port)) this.transmit(port);
      return;
    }
    port.designatedRoot = message.root;
    port.designatedCost = message.cost;
    port.designatedBridge = message.bridge;
    port.designatedPort = message.port;
    port.designatedAge = this.#bridge.now - message.messageAge;
    port.messageAge.start(message.maxAge - message.messageAge);
    this.update();
    this.selectStates();
    if (!this.isRoot && wasRoot) {
      this.hello.stop();
      if (this.topologyChangeDetected) {
        this.topology.stop();
        this.#transmitTcn();
        this.tcn.start(this.#bridge.ownTimes.helloTime * CENTISECOND);
      }
    }
    if (port.number !== this.rootPort) return;
    this.#bridge.followTimes(message.maxAge, message.helloTime, message.forwardDelay);
    this.#setTopologyChange(message.topologyChange);
    this.#generate();
    if (!message.topologyChangeAck) return;
    this.topologyChangeDetected = false;
    this.tcn.stop();
  }

  /** Whether a message is better than, or renews, what the port knows (br_supersedes_port_info). */
  #supersedes(port: BridgePort, message: Config): boolean {
    const theirs = [message.root, message.cost, message.bridge];
    const known = [port.designatedRoot, port.designatedCost, port.designatedBridge];
    if (before(theirs, known)) return true;
    if (before(known, theirs)) return false;
    return message.bridge !== this.#bridge.id || message.port <= port.designatedPort;
  }

  // ---- timers and topology changes ----------------------------------------------------------------------------------------

  #helloExpired(): void {
    if (!this.#bridge.up) return;
    this.#generate();
    this.hello.start(this.#bridge.helloTime * CENTISECOND);
  }

  #tcnExpired(): void {
    if (this.isRoot || !this.#bridge.up) return;
    this.#transmitTcn();
    this.tcn.start(this.#bridge.ownTimes.helloTime * CENTISECOND);
  }

  #topologyExpired(): void {
    this.topologyChangeDetected = false;
    this.#setTopologyChange(false);
  }

  /** Nothing was heard from the designated bridge for too long. */
  messageAgeExpired(port: BridgePort): void {
    if (port.state === 'disabled') return;
    const wasRoot = this.isRoot;
    this.#becomeDesignated(port);
    this.update();
    this.selectStates();
    if (this.isRoot && !wasRoot) this.#becomeRoot();
  }

  #detectChange(): void {
    if (!this.on) return;
    const { ownTimes } = this.#bridge;
    if (this.isRoot) {
      this.#setTopologyChange(true);
      this.topology.start((ownTimes.forwardDelay + ownTimes.maxAge) * CENTISECOND);
    } else if (!this.topologyChangeDetected) {
      this.#transmitTcn();
      this.tcn.start(ownTimes.helloTime * CENTISECOND);
    }
    this.topologyChangeDetected = true;
  }

  /** While the topology changes, addresses age in twice the forwarding delay (__br_set_topology_change). */
  #setTopologyChange(changing: boolean): void {
    if (this.topologyChange === changing) return;
    this.topologyChange = changing;
    this.#bridge.shortenAgeing(changing);
  }
}

/** Whether a list of numbers comes before another of the same length, the first that differ deciding. */
function before(a: readonly (number | bigint)[], b: readonly (number | bigint)[]): boolean {
  for (let i = 0; i < a.length; i++) {
    if ((a[i] as number) < (b[i] as number)) return true;
    if ((a[i] as number) > (b[i] as number)) return false;
  }
  return false;
}
