// What Chromium and mediasoup-client were seen to send, for the tests.
#pragma once

#include <string>

namespace strowger::protocol::mediasoup::seen {

inline const std::string produce_opus =
    R"j({"kind":"audio","rtpParameters":{"mid":"0","codecs":[{"mimeType":"audio/opus",)j"
    R"j("payloadType":111,"clockRate":48000,"channels":2,"parameters":{"minptime":10,)j"
    R"j("useinbandfec":1,"sprop-stereo":0,"usedtx":1},"rtcpFeedback":[{"type":"transport-cc",)j"
    R"j("parameter":""}]}],"headerExtensions":[{"uri":"urn:ietf:params:rtp-hdrext:sdes:mid",)j"
    R"j("id":4,"encrypt":false,"parameters":{}},)j"
    R"j({"uri":"urn:ietf:params:rtp-hdrext:ssrc-audio-level","id":1,"encrypt":false,)j"
    R"j("parameters":{}},{"uri":"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",)j"
    R"j("id":2,"encrypt":false,"parameters":{}}],"encodings":[{"ssrc":3168893402,)j"
    R"j("dtx":false}],"rtcp":{"cname":"UgEAj0WASbeFeL+h","reducedSize":true},)j"
    R"j("msid":"8bcd6c39-5ead-46a1-9735-2c15d173bf08 b4bf9bca-3c12-48d8-94d1-19caf059208c"},)j"
    R"j("appData":{},"transportId":"t1"})j";
inline const std::string produce_pcmu =
    R"j({"kind":"audio","rtpParameters":{"mid":"0","codecs":[{"mimeType":"audio/PCMU",)j"
    R"j("payloadType":0,"clockRate":8000,"channels":1,"parameters":{},"rtcpFeedback":[]}],)j"
    R"j("headerExtensions":[{"uri":"urn:ietf:params:rtp-hdrext:sdes:mid","id":4,)j"
    R"j("encrypt":false,"parameters":{}},{"uri":"urn:ietf:params:rtp-hdrext:ssrc-audio-level",)j"
    R"j("id":1,"encrypt":false,"parameters":{}},)j"
    R"j({"uri":"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time","id":2,)j"
    R"j("encrypt":false,"parameters":{}}],"encodings":[{"ssrc":530037027,"dtx":false}],)j"
    R"j("rtcp":{"cname":"Z66gCQPGsu/9q8bL","reducedSize":true},)j"
    R"j("msid":"6106bfdc-3873-4599-b98f-de06e90f2b26 91edd850-b018-4dd4-9aff-4bb3a4391204"},)j"
    R"j("appData":{},"transportId":"t1"})j";
inline const std::string produce_vp8 =
    R"j({"kind":"video","rtpParameters":{"mid":"1","codecs":[{"mimeType":"video/VP8",)j"
    R"j("payloadType":96,"clockRate":90000,"parameters":{},)j"
    R"j("rtcpFeedback":[{"type":"goog-remb","parameter":""},{"type":"transport-cc",)j"
    R"j("parameter":""},{"type":"ccm","parameter":"fir"},{"type":"nack","parameter":""},)j"
    R"j({"type":"nack","parameter":"pli"}]},{"mimeType":"video/rtx","payloadType":97,)j"
    R"j("clockRate":90000,"parameters":{"apt":96},"rtcpFeedback":[]}],)j"
    R"j("headerExtensions":[{"uri":"urn:ietf:params:rtp-hdrext:sdes:mid","id":4,)j"
    R"j("encrypt":false,"parameters":{}},)j"
    R"j({"uri":"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time","id":2,)j"
    R"j("encrypt":false,"parameters":{}}],"encodings":[{"ssrc":3756909876,)j"
    R"j("rtx":{"ssrc":388819123},"dtx":false}],"rtcp":{"cname":"OhYevBhAPiOiXWFv",)j"
    R"j("reducedSize":true},)j"
    R"j("msid":"3f7b98ab-65b1-4a65-8685-ed811059dba9 5a4c07df-664c-4e9b-9dc4-ef43a6bd6a19"},)j"
    R"j("appData":{},"transportId":"t1"})j";
inline const std::string capabilities =
    R"j({"codecs":[{"kind":"audio","mimeType":"audio/opus","preferredPayloadType":100,)j"
    R"j("clockRate":48000,"channels":2,"parameters":{"minptime":10,"useinbandfec":1},)j"
    R"j("rtcpFeedback":[{"type":"transport-cc","parameter":""}]},{"kind":"audio",)j"
    R"j("mimeType":"audio/PCMU","preferredPayloadType":0,"clockRate":8000,"channels":1,)j"
    R"j("parameters":{},"rtcpFeedback":[]},{"kind":"audio","mimeType":"audio/PCMA",)j"
    R"j("preferredPayloadType":8,"clockRate":8000,"channels":1,"parameters":{},)j"
    R"j("rtcpFeedback":[]},{"kind":"audio","mimeType":"audio/telephone-event",)j"
    R"j("preferredPayloadType":110,"clockRate":48000,"channels":1,"parameters":{},)j"
    R"j("rtcpFeedback":[]},{"kind":"audio","mimeType":"audio/telephone-event",)j"
    R"j("preferredPayloadType":126,"clockRate":8000,"channels":1,"parameters":{},)j"
    R"j("rtcpFeedback":[]},{"kind":"video","mimeType":"video/VP8","preferredPayloadType":101,)j"
    R"j("clockRate":90000,"parameters":{},"rtcpFeedback":[{"type":"goog-remb","parameter":""},)j"
    R"j({"type":"transport-cc","parameter":""},{"type":"ccm","parameter":"fir"},)j"
    R"j({"type":"nack","parameter":""},{"type":"nack","parameter":"pli"}]},{"kind":"video",)j"
    R"j("mimeType":"video/rtx","preferredPayloadType":102,"clockRate":90000,)j"
    R"j("parameters":{"apt":101},"rtcpFeedback":[]}],"headerExtensions":[{"kind":"video",)j"
    R"j("uri":"urn:ietf:params:rtp-hdrext:sdes:mid","preferredId":1,"preferredEncrypt":false,)j"
    R"j("direction":"sendrecv"},{"kind":"audio",)j"
    R"j("uri":"urn:ietf:params:rtp-hdrext:ssrc-audio-level","preferredId":10,)j"
    R"j("preferredEncrypt":false,"direction":"sendrecv"},{"kind":"video",)j"
    R"j("uri":"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time","preferredId":4,)j"
    R"j("preferredEncrypt":false,"direction":"sendrecv"}]})j";
inline const std::string connect =
    R"j({"transportId":"77879166-d28e-4cc5-a1a2-2c85c00e9b31",)j"
    R"j("dtlsParameters":{"role":"client","fingerprints":[{"algorithm":"sha-256",)j"
    R"j("value":"34:AB:79:6E:E3:81:FA:AE:66:AF:99:6B:55:23:58:26:8E:3C:E3:36:20:8C:31:)j"
    R"j(9C:E0:66:CA:C2:BE:36:82:AF"}]}})j";

} // namespace strowger::protocol::mediasoup::seen
