// People with a license of their own, who keep the seat they got: they renew it as clients do.
import { password } from "./people.mjs";

const renew_ms = 20_000; // a seat is free 90 s after its last heartbeat

export class Seats {
  #sessions = [];
  #timer;

  constructor(world, people) {
    this.world = world;
    this.people = people;
    this.#timer = setInterval(() => this.#renew(), renew_ms);
  }

  /** All of them want a seat at once; gives the numbers of those who got one. Whoever has one may
   *  sign in again. */
  async take() {
    const got = await Promise.all(
      this.people.map(async (who) => {
        const body = { username: who.number, password };
        const answer = await this.world.site.ask("POST", "/api/login", { body });
        if (answer?.status !== 200) return undefined;
        const { session_id: session, token } = answer.body;
        this.world.oracle.login({ ...who, session });
        this.#sessions.push({ session, token });
        return who.number;
      }),
    );
    return new Set(got.filter(Boolean));
  }

  end() {
    clearInterval(this.#timer);
  }

  #renew() {
    for (const { session, token } of this.#sessions)
      this.world.site.ask("POST", `/api/sessions/${session}/heartbeat`, { token });
  }
}
