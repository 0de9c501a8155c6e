"""Bars as SVG: one group per case, one bar per contender, a line from the least to the most."""
from statistics import median
from xml.sax.saxutils import escape

from .report import number, title_of

COLOURS = ("#0b6e4f", "#6c757d", "#a3a9ae", "#b5651d", "#2f6db5", "#8e5ea2", "#c2a83e", "#7a3b3b")
WIDTH, LEFT, RIGHT, BAR, GAP, TOP = 860, 250, 110, 15, 14, 44


def text(x, y, words, size=12, anchor="start", weight="normal"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(words)}</text>')


def bar(y, name, values, longest, colour):
    scale = (WIDTH - LEFT - RIGHT) / longest
    middle = y + BAR / 2
    end = LEFT + median(values) * scale
    yield text(LEFT - 8, y + BAR - 4, name, 11, "end")
    yield (f'<rect x="{LEFT}" y="{y}" width="{max(1, end - LEFT):.1f}" height="{BAR - 2}" '
           f'fill="{colour}"/>')
    least, most = LEFT + min(values) * scale, LEFT + max(values) * scale
    yield (f'<path d="M{least:.1f} {middle - 1}H{most:.1f}" stroke="#222" '
           'stroke-width="1.5"/>')
    yield text(most + 6, y + BAR - 4, number(median(values)), 11)


def bars(benchmark, results, figure):
    """The picture, or None when nobody has the figure."""
    groups = []
    for case in results.cases():
        rows = [(c.name, results.get(case, c.name, figure), COLOURS[i % len(COLOURS)])
                for i, c in enumerate(benchmark.contenders) if results.get(case, c.name, figure)]
        if rows:
            groups.append((case, rows))
    if not groups:
        return None
    longest = max(max(values) for _, rows in groups for _, values, _ in rows) or 1
    y, out = TOP, []
    for case, rows in groups:
        out.append(text(LEFT, y + 4, case, 12, weight="bold"))
        y += 10
        for name, values, colour in rows:
            out += bar(y, name, values, longest, colour)
            y += BAR
        y += GAP + 8
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" '
            f'font-family="sans-serif" fill="#222">')
    title = text(12, 22, f"{benchmark.name}: {title_of(figure)}", 15, weight="bold")
    paper = f'<rect width="{WIDTH}" height="{y}" fill="#fff"/>'
    return "\n".join([head, paper, title, *out, "</svg>"]) + "\n"
