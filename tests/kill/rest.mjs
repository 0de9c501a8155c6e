// REST with repeats: a request that got no definite answer is sent again with the same key.
import { pause } from "./site.mjs";

const again = new Set(["outcome-unknown", "busy", "hub-not-available", "storage-failed"]);

/** A command by REST; gives its body with `success`. `type` is a name of oracle.mjs. */
export async function rest(world, who, type, method, at, body) {
  const command = world.oracle.begin(who, type, { callId: body?.call_id });
  const answer = await asked(world, method, at, { token: who.token, body, key: command.id });
  const data = { ...answer.body, success: answer.status < 300 };
  world.oracle.answered(command, data);
  return data;
}

/** A request until it has a definite answer. */
export async function asked(world, method, at, options) {
  for (;;) {
    await world.up();
    const answer = await world.site.ask(method, at, options);
    if (answer && !again.has(answer.body?.code)) return answer;
    await pause(10);
  }
}
