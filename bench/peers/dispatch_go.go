// Peer of dispatch.cpp: Go. A goroutine with a channel per license, found by its id in a map, asked
// by one client goroutine; answers come back on one channel. The same window, bursts and pauses.
//
//	dispatch_go [--what rate|bursts|wake] [--actors N] [--seconds S] [--sleep-ms M] [--json]
//
// rate: 256 in flight. bursts: 64 every 2 ms. wake: one after M ms in which nobody did anything.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"sort"
	"time"
)

const (
	window  = 256
	burst   = 64
	sampled = 8 // every 8th command is timed
)

type releaseSeat struct{ agent, session string }

type answer struct {
	sent int64
	why  int
}

type ask struct {
	what releaseSeat
	sent int64
	to   chan<- answer
}

// The license: who holds a seat with which sessions. A seat that nobody holds is given back.
func license(mailbox <-chan ask) {
	var held map[string]map[string]bool
	for question := range mailbox {
		sessions := held[question.what.agent]
		if sessions[question.what.session] {
			delete(sessions, question.what.session)
			if len(sessions) == 0 {
				delete(held, question.what.agent)
			}
		}
		question.to <- answer{question.sent, 0}
	}
}

type world struct {
	ids     []string
	known   map[string]chan ask
	answers chan answer
	next    int
	bytes   float64 // per idle actor
}

func newWorld(actors int) *world {
	w := &world{known: make(map[string]chan ask, actors), answers: make(chan answer, window)}
	for i := 1; i <= actors; i++ {
		mixed := uint64(i) * 0x9e3779b97f4a7c15
		w.ids = append(w.ids, fmt.Sprintf("%016x%016x", mixed, mixed^(mixed>>29)))
	}
	debug.FreeOSMemory()
	before := resident()
	room := window/actors + 2 // a mailbox never holds up the client
	for _, id := range w.ids {
		mailbox := make(chan ask, room)
		w.known[id] = mailbox
		go license(mailbox)
	}
	for range w.ids { // wakes all of them
		w.ask(0)
		<-w.answers
	}
	debug.FreeOSMemory()
	w.bytes = (resident() - before) / float64(actors)
	return w
}

func (w *world) ask(sent int64) {
	w.known[w.ids[w.next]] <- ask{releaseSeat{"a", "s"}, sent, w.answers}
	if w.next++; w.next == len(w.ids) {
		w.next = 0
	}
}

var began = time.Now()

func now() int64 { return int64(time.Since(began)) }

func (w *world) rate(seconds float64) {
	var times []int64
	start := now()
	until := start + int64(seconds*1e9)
	for i := 0; i < window; i++ {
		w.ask(0)
	}
	done, sent, over := 0, window, false
	for underWay := window; underWay > 0; {
		got := <-w.answers
		done++
		if got.sent != 0 {
			at := now()
			times = append(times, at-got.sent)
			over = over || at > until
		}
		if over {
			underWay--
			continue
		}
		if sent++; sent%sampled == 0 {
			w.ask(now())
		} else {
			w.ask(0)
		}
	}
	show(append([]field{{"per_second", float64(done) / (float64(now()-start) / 1e9)},
		{"bytes_per_actor", w.bytes}}, quantiles(times)...))
}

func (w *world) bursts(seconds float64) {
	var times []int64
	end := time.After(time.Duration(seconds * 1e9))
	tick := time.NewTicker(2 * time.Millisecond)
	underWay := 0
	for over := false; !over || underWay > 0; {
		select {
		case got := <-w.answers:
			times = append(times, now()-got.sent)
			underWay--
		case <-tick.C:
			if over {
				continue
			}
			sent := now()
			for i := 0; i < burst; i++ {
				w.ask(sent)
			}
			underWay += burst
		case <-end:
			over = true
		}
	}
	show(quantiles(times))
}

func (w *world) wake(seconds float64, idle time.Duration) {
	var times []int64
	for start := time.Now(); time.Since(start).Seconds() < seconds; {
		time.Sleep(idle)
		sent := now()
		w.ask(sent)
		<-w.answers
		times = append(times, now()-sent)
	}
	show(quantiles(times))
}

func resident() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	var all, pages int
	fmt.Sscan(string(text), &all, &pages)
	return float64(pages * os.Getpagesize())
}

type field struct {
	name  string
	value float64
}

func quantiles(times []int64) []field {
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	var out []field
	for _, q := range []field{{"p50_us", 0.5}, {"p99_us", 0.99}, {"p999_us", 0.999}} {
		if len(times) > 0 {
			out = append(out, field{q.name, float64(times[int(q.value*float64(len(times)-1))]) / 1e3})
		}
	}
	return out
}

var asJSON = flag.Bool("json", false, "one JSON object")

func show(fields []field) {
	form, between := "%s %.3f", ", "
	if *asJSON {
		form = "%q: %.3f"
		fmt.Print("{")
	}
	for i, f := range fields {
		if i > 0 {
			fmt.Print(between)
		}
		fmt.Printf(form, f.name, f.value)
	}
	if *asJSON {
		fmt.Print("}")
	}
	fmt.Println()
}

func main() {
	what := flag.String("what", "rate", "rate, bursts or wake")
	actors := flag.Int("actors", 10000, "how many licenses")
	seconds := flag.Float64("seconds", 1, "how long")
	sleep := flag.Int("sleep-ms", 1, "idle time before each command of wake")
	flag.Parse()
	w := newWorld(*actors)
	switch *what {
	case "rate":
		w.rate(*seconds)
	case "bursts":
		w.bursts(*seconds)
	default:
		w.wake(*seconds, time.Duration(*sleep)*time.Millisecond)
	}
}
