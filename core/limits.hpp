// Every limit, with its reason. A full queue refuses; it never grows.
#pragma once

#include <cstddef>
#include <cstdint>

namespace strowger::limits {

// input
inline constexpr std::size_t json_depth_max = 32;          // deeper is an attack, not a client
inline constexpr std::size_t body_bytes_max = 64 * 1024;   // every body but SDP
inline constexpr std::size_t sdp_bytes_max = 256 * 1024;   // SDP routes: video offers are long
inline constexpr std::size_t header_bytes_max = 16 * 1024; // a JWT and cookies fit
inline constexpr std::size_t frame_bytes_max = 256 * 1024; // one WebSocket message (may hold SDP)
inline constexpr std::size_t candidate_bytes_max = 2048;   // one candidate line
inline constexpr std::size_t text_bytes_max = 256;         // names, numbers, ids
inline constexpr std::size_t password_bytes_max = 1024;    // argon2 input
inline constexpr std::size_t token_bytes_max = 8192;
inline constexpr std::size_t target_digits_max = 32; // an E.164 number and service codes

// time, milliseconds
inline constexpr std::int64_t header_deadline_ms = 10'000;
inline constexpr std::int64_t body_deadline_ms = 30'000;
inline constexpr std::int64_t idle_http_ms = 60'000;
inline constexpr std::int64_t ping_interval_ms = 10'000;
inline constexpr std::int64_t silence_ms = 25'000; // two missed pings and 5 s
// TCP gives a peer up that has acknowledged nothing, or opened no window, for so long (RFC 5482).
// Only so is a lost client of an event stream noticed, which never sends: the keep-alive after
// ping_interval_ms and this stay under silence_ms.
inline constexpr std::int64_t unacknowledged_ms = 14'000;
inline constexpr std::int64_t seat_lease_ms = 90'000; // three heartbeats of 30 s
// Fewer seats for a license: idle slaves that are connected have given theirs back by then.
inline constexpr std::int64_t seat_recall_ms = 3'000;

inline constexpr std::int64_t passivate_after_ms = 60'000; // an idle actor leaves memory
inline constexpr std::int64_t sweep_every_ms = 10'000;
inline constexpr std::int64_t over_after_ms = 2'000; // one that is over leaves sooner

// the disk
inline constexpr std::uint64_t disk_free_bytes_min = 16 * 1024 * 1024; // to open the log

// the stored picture
inline constexpr std::size_t rows_every_events = 4'096; // folded, at most, before rows are written
inline constexpr std::size_t rows_at_hand_max = 16'384; // of one table, that disk has, too
inline constexpr std::size_t differences_max = 100;     // that replay names

// admission of new work: calls, and devices that come (actors/runtime/admission.hpp)
inline constexpr std::int64_t admit_lag_ms = 5; // a new call may wait, beyond what the disk takes
inline constexpr std::int64_t arrive_lag_ms = 500; // a device: refused, it would only come again
inline constexpr std::int64_t admit_window_ms = 50;
inline constexpr std::size_t admitted_min = 8;     // always; the disk takes them in one sync
inline constexpr std::size_t admitted_max = 4'096; // with a disk that is slow and wide

// queues
inline constexpr std::size_t held_replies_max = 4096;      // per aggregate, waiting for the disk
inline constexpr std::size_t journal_waiting_max = 65'536; // appends waiting for the writer
inline constexpr std::size_t group_events_max = 16'384;    // one group commit
inline constexpr std::size_t group_bytes_max = 8 * 1024 * 1024;
inline constexpr std::size_t socket_queue_bytes_max = 1024 * 1024; // then the socket is closed
inline constexpr std::size_t commands_in_flight_max = 64;          // per connection
inline constexpr std::size_t password_jobs_max = 256;              // waiting for the argon2 thread
inline constexpr std::size_t logins_under_way_max = 10;            // of one agent and address

// Engine.IO and Socket.IO
inline constexpr std::size_t engine_payload_bytes_max = 1'000'000; // maxPayload, as stock servers
inline constexpr std::size_t engine_packets_max = 4'096;           // of one polling request
inline constexpr std::size_t engine_sessions_max = 20'000; // also of clients between two requests
// Of one address (IPv6: one /64), whose clients have not said who they are: an office that comes
// back at once, and no more. Where all places are taken, the oldest of all such go first.
inline constexpr std::size_t engine_unconnected_per_peer_max = 1'000;
inline constexpr std::size_t engine_posted_bytes_max = 256 * 1024; // from a socket's lane, untaken
inline constexpr std::int64_t engine_ping_interval_ms = 10'000;
inline constexpr std::int64_t engine_ping_timeout_ms = 15'000;
inline constexpr std::int64_t engine_connect_timeout_ms = 45'000; // until CONNECT, as stock servers
inline constexpr std::int64_t engine_upgrade_timeout_ms = 10'000; // a probe that goes nowhere
inline constexpr std::size_t attachments_max = 32;                // of one Socket.IO packet
inline constexpr std::size_t attachments_bytes_max = 4 * 1024 * 1024; // of one, together
inline constexpr std::size_t namespace_bytes_max = 128;
inline constexpr std::size_t namespaces_per_connection_max = 16;
inline constexpr std::size_t acks_awaited_max = 64; // of one client's, to what it was asked

// aggregates
inline constexpr std::size_t devices_per_extension_max = 32;
inline constexpr std::size_t candidates_per_device_max = 128;
inline constexpr std::size_t calls_per_device_max = 8;
inline constexpr std::size_t transports_per_device_max = 16;    // two per call, and late ones
inline constexpr std::size_t streams_per_transport_max = 16;    // producers or consumers
inline constexpr std::size_t codecs_per_stream_max = 64;        // in what a client sends
inline constexpr std::int64_t unbound_transport_ms = 60'000;    // without a call it is closed
inline constexpr std::int64_t dead_leg_ms = 10'000;             // a leg without media ends
inline constexpr std::int64_t dead_leg_after_start_ms = 30'000; // from the device's return
inline constexpr std::size_t legs_per_call_max = 8;             // transfers included
inline constexpr std::size_t bridges_per_call_max = 32;
inline constexpr std::int64_t dtmf_ms_min = 40; // RTCDTMFSender's own bounds
inline constexpr std::int64_t dtmf_ms_max = 6'000;
inline constexpr std::size_t command_window = 256; // remembered command ids per stream
inline constexpr std::size_t snapshot_every = 256; // events between two snapshots
inline constexpr std::size_t slaves_per_license_max = 256;
inline constexpr std::size_t slaves_known_max = 4'096;           // of a tenant, whoever they were
inline constexpr std::size_t link_messages_per_second_max = 200; // of one slave
inline constexpr std::size_t report_changes_max = 256;           // of one report of a slave
inline constexpr std::size_t debts_kept_max = 1'000;             // of one slave
inline constexpr std::uint32_t seats_max = 1'000'000;            // of one license
inline constexpr std::size_t receipt_scan_max = 65'536;          // events between sign-in and seat
// Of one site: they share the thread of slow work with passwords, which must get their turn.
inline constexpr int receipts_under_way_max = 16;
inline constexpr std::size_t features_max = 64;                  // of one license
inline constexpr std::size_t revoked_tokens_max = 1024;          // per agent, until they expire

// inbox of an extension, for resume
inline constexpr std::size_t inbox_messages_max = 512; // per device; an older one: a snapshot
inline constexpr std::size_t inbox_bytes_max = 1024 * 1024;
inline constexpr std::size_t history_page_max = 500;
inline constexpr std::size_t agents_page_max = 500;

// media: the relay
inline constexpr std::size_t media_datagram_bytes_max = 1500; // larger RTP, DTLS or STUN is dropped
inline constexpr std::size_t media_transports_max = 16'384;
inline constexpr std::size_t media_producers_per_transport_max = 16;
inline constexpr std::size_t media_consumers_per_transport_max = 64;
inline constexpr std::size_t media_consumers_per_producer_max = 64;
inline constexpr std::size_t media_taps_per_producer_max = 8;
inline constexpr std::size_t media_players_max = 1'024;
inline constexpr std::size_t media_player_frames_max = 30'000; // ten minutes at 20 ms
inline constexpr std::size_t media_codecs_max = 32;            // of one producer or consumer
inline constexpr std::size_t media_extensions_max = 15;        // header extensions of one
inline constexpr std::size_t media_ssrcs_used_max = 1'024;     // to one client; none is used twice
inline constexpr std::size_t media_ssrcs_heard_max = 64;       // authentic ones of one client
inline constexpr std::size_t media_tuples_max = 8;             // addresses of one client
// An address that brought authentic media or DTLS so lately is not another client's: reports of a
// client that only hears come up to 7.5 s apart.
inline constexpr std::int64_t media_path_held_ms = 10'000;
inline constexpr std::size_t media_transactions_max = 4096;    // STUN ids kept against replays
inline constexpr std::size_t media_handshakes_max = 1'024;     // DTLS, under way
inline constexpr std::size_t media_handshake_datagrams_max = 256; // of one
inline constexpr std::int64_t media_dtls_ms = 15'000;             // for one, then it is closed
inline constexpr std::size_t media_tcp_connections_max = 2'048;
inline constexpr std::int64_t media_tcp_silent_ms = 10'000; // without authentic STUN, then closed
inline constexpr std::int64_t media_accept_pause_ms = 500;  // when no descriptor is left
inline constexpr std::size_t media_tcp_queue_bytes_max = 256 * 1024; // then media is dropped
inline constexpr std::int64_t media_silent_ms = 10'000;              // then a leg counts as dead
inline constexpr std::int64_t media_quality_every_ms = 5'000;
inline constexpr std::int64_t call_quality_every_ms = 10'000; // told to a device
inline constexpr int quality_rows_looked_at_max = 64; // of an extension, for a call that is over
inline constexpr std::int64_t media_key_frame_every_ms = 500; // asked of one producer
inline constexpr std::size_t media_resend_packets_max = 512;  // kept per video stream for NACK
inline constexpr int media_resends_per_slot_max = 64; // in 20 ms: a bad line, and no flood
inline constexpr std::size_t media_commands_max = 65'536;     // waiting for the relay's thread

// music on hold
inline constexpr std::size_t hold_music_bytes_max = 32 * 1024 * 1024; // of one file

// recording
inline constexpr std::size_t recordings_per_call_max = 32; // started one after the other
inline constexpr std::size_t recorded_files_per_call_max = 128;
inline constexpr std::size_t recorder_files_max = 1'024;               // open at once
inline constexpr std::size_t recorder_queue_bytes_max = 16 * 1024 * 1024; // then packets are dropped
inline constexpr std::uint64_t recording_bytes_max = 512 * 1024 * 1024; // of one file
inline constexpr std::int64_t recording_ms_max = 8 * 3'600'000;         // of one file
inline constexpr std::uint64_t recording_disk_free_bytes_min = 256 * 1024 * 1024; // the log's
inline constexpr std::int64_t recording_sync_ms = 5'000; // a power cut costs no more than this

// SDP of clients that want the relay, WHIP and WHEP
inline constexpr std::size_t sdp_lines_max = 4'096;  // of one description; a browser's has some 300
inline constexpr std::size_t sdp_line_bytes_max = 4'096;
inline constexpr std::size_t sdp_media_max = 16;     // m= lines, also those that are refused
inline constexpr std::size_t sdp_formats_max = 128;  // of one m= line: all payload types there are
inline constexpr std::size_t sdp_sources_max = 64;   // SSRCs of one m= line
inline constexpr std::size_t sdp_candidates_max = 128; // that one client may trickle
inline constexpr std::size_t streams_published_max = 4'096;
inline constexpr std::size_t viewers_per_stream_max = 64; // media_consumers_per_producer_max

} // namespace strowger::limits
