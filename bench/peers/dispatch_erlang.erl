%% Peer of dispatch.cpp: Erlang/OTP. A process per license, found by its id in a map, asked by one
%% client process; the answer is a message back. The same window, bursts and pauses.
%%   erl -noshell +P 4000000 -pa FOLDER -run dispatch_erlang main -extra
%%       [--what rate|bursts|wake] [--actors N] [--seconds S] [--sleep-ms M] [--json]
%% rate: 256 in flight. bursts: 64 every 2 ms. wake: one after M ms in which nobody did anything.
%% The map and the ids stand in persistent_term, so that the client's heap stays small.
-module(dispatch_erlang).
-export([main/0]).

-define(WINDOW, 256).
-define(BURST, 64).
-define(SAMPLED, 8).

main() ->
    Words = init:get_plain_arguments(),
    What = word("--what", Words, "rate"),
    Count = list_to_integer(word("--actors", Words, "10000")),
    Seconds = to_number(word("--seconds", Words, "1")),
    Sleep = list_to_integer(word("--sleep-ms", Words, "1")),
    Bytes = start_actors(Count),
    Fields = case What of
        "rate" -> rate(Count, Seconds) ++ [{"bytes_per_actor", Bytes}];
        "bursts" -> bursts(Count, Seconds);
        "wake" -> wake(Count, Seconds, Sleep)
    end,
    show(Fields, lists:member("--json", Words)),
    halt(0, [{flush, true}]).

%% The license: who holds a seat with which sessions. A seat that nobody holds is given back.
license(Held) ->
    receive
        {ask, From, Tag, {release_seat, Agent, Session}} ->
            {Answer, Next} = decide(Held, Agent, Session),
            From ! {answer, Tag, Answer},
            license(Next)
    end.

decide(Held, Agent, Session) ->
    case Held of
        #{Agent := #{Session := _} = Sessions} when map_size(Sessions) =:= 1 ->
            {released, maps:remove(Agent, Held)};
        #{Agent := #{Session := _} = Sessions} ->
            {left, Held#{Agent := maps:remove(Session, Sessions)}};
        _ -> {nothing, Held}
    end.

start_actors(Count) ->
    Ids = [id(I) || I <- lists:seq(1, Count)],
    garbage_collect(),
    Before = resident(),
    Known = maps:from_list([{Id, spawn(fun() -> license(#{}) end)} || Id <- Ids]),
    [begin
         Pid ! {ask, self(), 0, {release_seat, <<"a">>, <<"s">>}},
         receive {answer, 0, nothing} -> ok end
     end || Pid <- maps:values(Known)],
    garbage_collect(),
    Bytes = (resident() - Before) / Count,
    persistent_term:put(ids, list_to_tuple(Ids)),
    persistent_term:put(known, Known),
    Bytes.

id(I) ->
    Mixed = (I * 16#9e3779b97f4a7c15) band 16#ffffffffffffffff,
    list_to_binary(io_lib:format("~16.16.0b~16.16.0b", [Mixed, Mixed bxor (Mixed bsr 29)])).

ask(Index, Tag) ->
    Id = element(Index + 1, persistent_term:get(ids)),
    #{Id := Pid} = persistent_term:get(known),
    Pid ! {ask, self(), Tag, {release_seat, <<"a">>, <<"s">>}}.

rate(Count, Seconds) ->
    Start = now_ns(),
    Until = Start + round(Seconds * 1.0e9),
    [ask(I rem Count, 0) || I <- lists:seq(0, ?WINDOW - 1)],
    {Done, Times} = on_and_on(?WINDOW, Count, Until, 0, []),
    Took = (now_ns() - Start) / 1.0e9,
    [{"per_second", Done / Took} | quantiles(Times)].

%% Sent counts all commands; every 8th carries the time it was sent.
on_and_on(Sent, Count, Until, Done, Times) ->
    receive
        {answer, 0, _} ->
            on_and_on(ask_next(Sent, Count), Count, Until, Done + 1, Times);
        {answer, At, _} ->
            Now = now_ns(),
            case Now < Until of
                true -> on_and_on(ask_next(Sent, Count), Count, Until, Done + 1, [Now - At | Times]);
                false -> {drain(?WINDOW - 1, Done + 1), [Now - At | Times]}
            end
    end.

ask_next(Sent, Count) ->
    Tag = case Sent rem ?SAMPLED of 0 -> now_ns(); _ -> 0 end,
    ask(Sent rem Count, Tag),
    Sent + 1.

drain(0, Done) -> Done;
drain(Left, Done) -> receive {answer, _, _} -> drain(Left - 1, Done + 1) end.

bursts(Count, Seconds) ->
    Start = erlang:monotonic_time(millisecond),
    Ends = Start + round(Seconds * 1000),
    erlang:start_timer(Start + 2, self(), burst, [{abs, true}]),
    quantiles(burst_loop(Start + 2, Ends, 0, 0, Count, [])).

burst_loop(Due, Ends, Sent, Got, Count, Times) ->
    receive
        {timeout, _, burst} when Due < Ends ->
            Now = now_ns(),
            [ask((Sent + I) rem Count, Now) || I <- lists:seq(1, ?BURST)],
            erlang:start_timer(Due + 2, self(), burst, [{abs, true}]),
            burst_loop(Due + 2, Ends, Sent + ?BURST, Got, Count, Times);
        {timeout, _, burst} ->
            burst_rest(Sent - Got, Times);
        {answer, At, _} ->
            burst_loop(Due, Ends, Sent, Got + 1, Count, [now_ns() - At | Times])
    end.

burst_rest(0, Times) -> Times;
burst_rest(Left, Times) ->
    receive {answer, At, _} -> burst_rest(Left - 1, [now_ns() - At | Times]) end.

wake(Count, Seconds, Sleep) ->
    Until = now_ns() + round(Seconds * 1.0e9),
    quantiles(wake_loop(0, Count, Until, Sleep, [])).

wake_loop(I, Count, Until, Sleep, Times) ->
    timer:sleep(Sleep),
    At = now_ns(),
    ask(I rem Count, At),
    Took = receive {answer, At, _} -> now_ns() - At end,
    case now_ns() < Until of
        true -> wake_loop(I + 1, Count, Until, Sleep, [Took | Times]);
        false -> [Took | Times]
    end.

now_ns() -> erlang:monotonic_time(nanosecond).

resident() ->
    {ok, File} = file:open("/proc/self/statm", [read, raw]),
    {ok, Line} = file:read(File, 100),
    ok = file:close(File),
    list_to_integer(lists:nth(2, string:lexemes(Line, " "))) * 4096.

quantiles(Times) ->
    Sorted = list_to_tuple(lists:sort(Times)),
    Size = tuple_size(Sorted),
    [{Name, element(max(1, ceil(Part * Size)), Sorted) / 1000}
     || {Name, Part} <- [{"p50_us", 0.5}, {"p99_us", 0.99}, {"p999_us", 0.999}], Size > 0].

word(Name, [Name, Value | _], _) -> Value;
word(Name, [_ | Rest], Otherwise) -> word(Name, Rest, Otherwise);
word(_, [], Otherwise) -> Otherwise.

to_number(Text) ->
    try list_to_float(Text) catch error:badarg -> float(list_to_integer(Text)) end.

show(Fields, true) ->
    Parts = [io_lib:format("\"~s\": ~.3f", [Name, float(Value)]) || {Name, Value} <- Fields],
    io:format("{~s}~n", [lists:join(", ", Parts)]);
show(Fields, false) ->
    Parts = [io_lib:format("~s ~.3f", [Name, float(Value)]) || {Name, Value} <- Fields],
    io:format("~s~n", [lists:join(", ", Parts)]).
