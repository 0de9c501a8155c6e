// The bodies of every REST route: which fields they have, and values that are good (or at least get
// past the reader).
import * as is from "./errors_faults.mjs";
import { candidate, sdp } from "./errors_world.mjs";

const seats = 1_000_000;
const license = {
  organization_name: is.text(256),
  plan: is.text(256),
  max_users: is.neededInteger(1, seats),
  webrtc_max_users: is.integer(0, seats),
  sessions_per_user: is.integer(0, 32),
  overdraft: is.integer(0, seats),
  features: is.flags,
  starts_at: is.moment,
  expires_at: is.moment,
};
export const changes = {
  "/api/licenses/nobody-knows-this": [
    {
      ...license,
      organization_name: is.optional(256),
      plan: is.optional(256),
      max_users: is.integer(1, seats),
      status: is.oneOf("", "dead", "ACTIVE"),
    },
    {},
  ],
  "/api/agents/nobody-knows-this": [
    {
      email: is.oneOf("", "new", "@host.test", "new@"),
      password: is.optional(1024),
      typology: is.optional(256),
    },
    {},
  ],
};

export const bodies = {
  "/api/login": [
    { username: is.text(256), password: is.text(1024), tenant: is.optional(64) },
    { username: "nobody", password: "x" },
  ],
  "/api/register": [
    {
      username: is.text(256),
      email: is.text(256),
      extension: is.target,
      password: is.text(1024),
      tenant: is.optional(64),
      typology: is.optional(64),
    },
    { username: "new", email: "new@host.test", extension: "7000", password: "something" },
  ],
  "/api/licenses": [license, { organization_name: "Org", plan: "team", max_users: 10 }],
  "/api/licenses/nobody-knows-this/validate": [{ session_id: is.optional(256) }, {}],
  "/api/agents": [
    {
      username: is.text(256),
      email: is.text(256),
      extension: is.target,
      password: is.text(1024),
      tenant: is.optional(64),
      typology: is.optional(64),
    },
    { username: "new", email: "new@host.test", extension: "7000", password: "something" },
  ],
  "/api/calls/nobody-knows-this/recording": [
    { action: is.neededOneOf("rewind", "START"), consent: is.oneOf("missing", "yes", "GIVEN") },
    { action: "stop" },
  ],
  "/protected/call/initiate": [
    { target_extension: is.target, device_id: is.optional(256) },
    { target_extension: "4711" },
  ],
  "/api/webrtc/session": [{ extension: is.target }, {}],
  "/api/webrtc/offer": [
    { session_id: is.text(256), sdp: is.sdp },
    { session_id: "s", sdp },
  ],
  "/api/webrtc/answer": [
    { session_id: is.text(256), sdp: is.sdp },
    { session_id: "s", sdp },
  ],
  "/api/webrtc/ice-candidate": [
    { session_id: is.text(256), candidate: is.candidate },
    { session_id: "s", candidate: candidate() },
  ],
  "/api/webrtc/call": [
    {
      session_id: is.text(256),
      target_extension: is.target,
      campaign_id: is.optional(256),
      lead_id: is.optional(256),
      video: is.flag,
    },
    { session_id: "s", target_extension: "1001" },
  ],
  "/api/webrtc/hangup": [
    { session_id: is.text(256), call_id: is.optional(256) },
    { session_id: "s" },
  ],
  "/api/webrtc/dtmf": [
    {
      session_id: is.text(256),
      digit: is.tone,
      duration: is.integer(40, 6000),
      call_id: is.optional(256),
    },
    { session_id: "s", digit: "1" },
  ],
};
