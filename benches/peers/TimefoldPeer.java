import ai.timefold.solver.core.api.domain.entity.PlanningEntity;
import ai.timefold.solver.core.api.domain.solution.PlanningEntityCollectionProperty;
import ai.timefold.solver.core.api.domain.solution.PlanningScore;
import ai.timefold.solver.core.api.domain.solution.PlanningSolution;
import ai.timefold.solver.core.api.domain.valuerange.ValueRangeProvider;
import ai.timefold.solver.core.api.domain.variable.PlanningVariable;
import ai.timefold.solver.core.api.score.buildin.hardsoftlong.HardSoftLongScore;
import ai.timefold.solver.core.api.score.calculator.IncrementalScoreCalculator;
import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.score.director.ScoreDirectorFactoryConfig;
import ai.timefold.solver.core.config.solver.SolverConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Timefold as it comes: one thread, default phases and moves, time spent as the only limit. Reads the MPS of `caseload
 * export mps`, and writes what peers/handed.py describes. The score is computed incrementally, the fastest way there is.
 *
 * <p>java -cp ... TimefoldPeer MPS OUT TIME_LIMIT VERSION
 */
public final class TimefoldPeer {
    /** An officer, or the holding list. Shared by all units, so that two of them can swap. */
    public static final class Holder {
        final String name;

        Holder(String name) {
            this.name = name;
        }
    }

    /** A column of the MPS: what it costs and uses when a unit goes to a holder. */
    private static final class Option {
        long cost;
        int[] rows = new int[0];
        long[] weights = new long[0];

        void use(int row, long weight) {
            rows = Arrays.copyOf(rows, rows.length + 1);
            weights = Arrays.copyOf(weights, weights.length + 1);
            rows[rows.length - 1] = row;
            weights[weights.length - 1] = weight;
        }
    }

    /** A row of equality of the MPS: a case that needs exactly one holder. */
    @PlanningEntity
    public static final class Unit {
        private final Map<Holder, Option> options = new IdentityHashMap<>();
        private final List<Holder> holders = new ArrayList<>();
        private String caseId;

        @PlanningVariable private Holder holder;

        @ValueRangeProvider
        public List<Holder> getHolders() {
            return holders;
        }

        public Holder getHolder() {
            return holder;
        }

        public void setHolder(Holder holder) {
            this.holder = holder;
        }
    }

    /** All of it. */
    @PlanningSolution
    public static final class Plan {
        @PlanningEntityCollectionProperty private List<Unit> units = new ArrayList<>();
        @PlanningScore private HardSoftLongScore score;
        long[] capacities;
        long offset;

        public List<Unit> getUnits() {
            return units;
        }

        public HardSoftLongScore getScore() {
            return score;
        }

        public void setScore(HardSoftLongScore score) {
            this.score = score;
        }
    }

    /** Hard: what is over the capacities. Soft: what the holders cost. */
    public static final class Calculator implements IncrementalScoreCalculator<Plan, HardSoftLongScore> {
        private long[] capacities;
        private long[] loads;
        private long over;
        private long cost;

        @Override
        public void resetWorkingSolution(Plan plan) {
            capacities = plan.capacities;
            loads = new long[capacities.length];
            over = 0;
            cost = plan.offset;
            for (Unit unit : plan.units) {
                change(unit, 1);
            }
        }

        @Override
        public void beforeVariableChanged(Object entity, String variable) {
            change((Unit) entity, -1);
        }

        @Override
        public void afterVariableChanged(Object entity, String variable) {
            change((Unit) entity, 1);
        }

        @Override
        public void beforeEntityAdded(Object entity) {}

        @Override
        public void afterEntityAdded(Object entity) {
            change((Unit) entity, 1);
        }

        @Override
        public void beforeEntityRemoved(Object entity) {
            change((Unit) entity, -1);
        }

        @Override
        public void afterEntityRemoved(Object entity) {}

        private void change(Unit unit, int sign) {
            if (unit.holder == null) {
                return;
            }
            Option option = unit.options.get(unit.holder);
            cost += sign * option.cost;
            for (int use = 0; use < option.rows.length; use++) {
                int row = option.rows[use];
                over -= Math.max(0, loads[row] - capacities[row]);
                loads[row] += sign * option.weights[use];
                over += Math.max(0, loads[row] - capacities[row]);
            }
        }

        @Override
        public HardSoftLongScore calculateScore() {
            return HardSoftLongScore.of(-over, -cost);
        }
    }

    private static Plan read(Path path) throws IOException {
        Plan plan = new Plan();
        Map<String, Unit> units = new HashMap<>();
        Map<String, Integer> rows = new HashMap<>();
        String objective = null;
        String section = "";
        Map<String, Holder> holders = new HashMap<>();
        String column = null;
        Option option = null;
        try (BufferedReader lines = Files.newBufferedReader(path)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isBlank() || line.startsWith("*")) {
                    continue;
                }
                String[] words = line.trim().split("\\s+");
                if (!Character.isWhitespace(line.charAt(0))) {
                    section = words[0];
                    if (section.equals("COLUMNS")) {
                        plan.capacities = new long[rows.size()];
                    }
                } else if (section.equals("ROWS") && words[0].equals("N")) {
                    objective = words[1];
                } else if (section.equals("ROWS") && words[0].equals("E")) {
                    Unit unit = new Unit();
                    units.put(words[1], unit);
                    plan.units.add(unit);
                } else if (section.equals("ROWS")) {
                    rows.put(words[1], rows.size());
                } else if (section.equals("COLUMNS") && !words[1].equals("'MARKER'")) {
                    if (!words[0].equals(column)) {
                        column = words[0];
                        option = new Option();
                    }
                    for (int at = 1; at + 1 < words.length; at += 2) {
                        Integer row = rows.get(words[at]);
                        if (row != null) {
                            option.use(row, whole(words[at + 1]));
                        } else if (words[at].equals(objective)) {
                            option.cost = whole(words[at + 1]);
                        } else {
                            int end = column.lastIndexOf(';');
                            Unit unit = units.get(words[at]);
                            unit.caseId = column.substring(0, end);
                            Holder holder = holders.computeIfAbsent(column.substring(end + 1), Holder::new);
                            unit.holders.add(holder);
                            unit.options.put(holder, option);
                        }
                    }
                } else if (section.equals("RHS")) {
                    for (int at = words.length % 2; at + 1 < words.length; at += 2) {
                        Integer row = rows.get(words[at]);
                        if (row != null) {
                            plan.capacities[row] = whole(words[at + 1]);
                        } else if (words[at].equals(objective)) {
                            plan.offset = -whole(words[at + 1]);
                        }
                    }
                }
            }
        }
        return plan;
    }

    private static long whole(String text) {
        return new java.math.BigDecimal(text).longValueExact();
    }

    private static String event(double seconds, String stage, String objective) {
        return String.format(
                Locale.ROOT,
                "{\"seconds\": %.4f, \"stage\": \"%s\", \"objective\": %s, \"bound\": null}",
                seconds, stage, objective);
    }

    private static String objective(HardSoftLongScore score) {
        return score != null && score.isFeasible() ? Long.toString(-score.softScore()) : "null";
    }

    public static void main(String[] arguments) throws IOException {
        Path out = Path.of(arguments[1]);
        long start = System.nanoTime();
        Plan problem = read(Path.of(arguments[0]));
        Duration limit = Duration.ofMillis(Math.round(Double.parseDouble(arguments[2]) * 1000));
        SolverConfig config =
                new SolverConfig()
                        .withSolutionClass(Plan.class)
                        .withEntityClasses(Unit.class)
                        .withScoreDirectorFactory(
                                new ScoreDirectorFactoryConfig().withIncrementalScoreCalculatorClass(Calculator.class))
                        .withTerminationSpentLimit(limit);
        var solver = SolverFactory.<Plan>create(config).buildSolver();
        double loadSeconds = (System.nanoTime() - start) / 1e9;
        try (PrintWriter events = new PrintWriter(Files.newBufferedWriter(out.resolve("events.jsonl")), true)) {
            events.println(event(0, "loaded", "null"));
            long begin = System.nanoTime();
            solver.addEventListener(
                    found ->
                            events.println(
                                    event(
                                            (System.nanoTime() - begin) / 1e9,
                                            "search",
                                            objective((HardSoftLongScore) found.getNewBestScore()))));
            Plan best = solver.solve(problem);
            double seconds = (System.nanoTime() - begin) / 1e9;
            String objective = objective(best.score);
            events.println(event(seconds, "end", objective));
            Files.writeString(
                    out.resolve("report.json"),
                    String.format(
                            Locale.ROOT,
                            "{\"status\": \"time spent, score %s\", \"objective\": %s, \"bound\": null, \"load_seconds\": %.4f, "
                                    + "\"solve_seconds\": %.4f, \"version\": \"%s (Java %s)\", \"bound_note\": null}%n",
                            best.score, objective, loadSeconds, seconds, arguments[3], System.getProperty("java.version")));
            if (!objective.equals("null")) {
                write(best, out);
            }
        }
    }

    private static void write(Plan plan, Path out) throws IOException {
        try (PrintWriter allocation = new PrintWriter(Files.newBufferedWriter(out.resolve("allocation.csv")));
                PrintWriter holding = new PrintWriter(Files.newBufferedWriter(out.resolve("holding.csv")))) {
            allocation.println("case_id,officer_id");
            holding.println("case_id");
            for (Unit unit : plan.units) {
                if (unit.holder.name.isEmpty()) {
                    holding.println(unit.caseId);
                } else {
                    allocation.println(unit.caseId + "," + unit.holder.name);
                }
            }
        }
    }
}
