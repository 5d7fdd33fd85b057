import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/**
 * One task. An account is in one partition, and so are its posts: nothing is repartitioned. Changed rows leave once a
 * second, then the task commits.
 */
final class Engagement implements Processor<String, byte[], String, byte[]> {
    static final String NAME = "engagement";
    private static final long MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
    private static final byte[] PRESENT = {1};
    private static final long EXPECTED = Long.parseLong(System.getenv("EVENTS"));
    private static final AtomicLong DELIVERED = new AtomicLong();

    private ProcessorContext<String, byte[]> context;
    private WindowStore<String, byte[]> ids, actors;
    private WindowStore<String, Long> audiences;
    private KeyValueStore<String, Counts> totals;
    private Table postMinutes, postHours, accountMinutes;
    private final Map<String, Counts> changedTotals = new HashMap<>();
    private final Map<String, Long> changedAudiences = new HashMap<>();

    /** Declares the stores, all of them with a changelog: in memory, or in RocksDB. */
    static void declareStores(Topology topology, boolean inMemory) {
        declare(topology, "ids", MINUTE, 2 * HOUR, Serdes.ByteArray(), false, inMemory);
        declare(topology, "actors", DAY, 2 * DAY, Serdes.ByteArray(), false, inMemory);
        declare(topology, "account-day", DAY, 2 * DAY, Serdes.Long(), true, inMemory);
        declare(topology, "post-minute", MINUTE, HOUR, Counts.SERDE, true, inMemory);
        declare(topology, "post-hour", HOUR, 3 * HOUR, Counts.SERDE, true, inMemory);
        declare(topology, "account-minute", MINUTE, HOUR, Counts.SERDE, true, inMemory);
        var supplier = inMemory ? Stores.inMemoryKeyValueStore("post-total") : Stores.persistentKeyValueStore("post-total");
        topology.addStateStore(Stores.keyValueStoreBuilder(supplier, Serdes.String(), Counts.SERDE).withCachingEnabled(), NAME);
    }

    private static <V> void declare(
            Topology topology, String store, long size, long retention, Serde<V> values, boolean cached, boolean inMemory) {
        Duration window = Duration.ofMillis(size), kept = Duration.ofMillis(retention);
        var supplier = inMemory
            ? Stores.inMemoryWindowStore(store, kept, window, false)
            : Stores.persistentWindowStore(store, kept, window, false);
        var builder = Stores.windowStoreBuilder(supplier, Serdes.String(), values);
        topology.addStateStore(cached ? builder.withCachingEnabled() : builder, NAME);
    }

    @Override
    public void init(ProcessorContext<String, byte[]> given) {
        context = given;
        ids = context.getStateStore("ids");
        actors = context.getStateStore("actors");
        audiences = context.getStateStore("account-day");
        totals = context.getStateStore("post-total");
        postMinutes = new Table(context.getStateStore("post-minute"), MINUTE);
        postHours = new Table(context.getStateStore("post-hour"), HOUR);
        accountMinutes = new Table(context.getStateStore("account-minute"), MINUTE);
        context.schedule(Duration.ofSeconds(1), PunctuationType.WALL_CLOCK_TIME, this::publish);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        long number = DELIVERED.incrementAndGet();
        if (number == 1) System.out.println("FIRST");
        count(Event.read(record.value()));
        if (number == EXPECTED) System.out.println("LAST");
    }

    private void count(Event event) {
        // A repeated delivery tells the same time: its id is looked for in that minute alone.
        long minute = event.at() - event.at() % MINUTE;
        if (ids.fetch(event.id(), minute) != null) return;
        ids.put(event.id(), PRESENT, minute);
        postMinutes.add(event.post(), event);
        postHours.add(event.post(), event);
        accountMinutes.add(event.account(), event);
        Counts total = Counts.after(totals.get(event.post()), event);
        totals.put(event.post(), total);
        changedTotals.put(event.post(), total);
        meet(event.account(), event.actor(), event.at() - event.at() % DAY);
    }

    private void meet(String account, String actor, long day) {
        String pair = account + '|' + actor;
        if (actors.fetch(pair, day) != null) return;
        actors.put(pair, PRESENT, day);
        Long known = audiences.fetch(account, day);
        long size = known == null ? 1 : known + 1;
        audiences.put(account, size, day);
        changedAudiences.put(account + '|' + day, size);
    }

    private void publish(long now) {
        postMinutes.publish((key, value) -> forward("post-minute", key, value, now));
        postHours.publish((key, value) -> forward("post-hour", key, value, now));
        accountMinutes.publish((key, value) -> forward("account-minute", key, value, now));
        changedTotals.forEach((key, row) -> forward("post-total", key, row.json(), now));
        changedTotals.clear();
        changedAudiences.forEach((key, size) -> forward("account-day", key, ("{\"u\":" + size + "}").getBytes(), now));
        changedAudiences.clear();
        context.commit();
    }

    private void forward(String table, String key, byte[] value, long now) {
        context.forward(new Record<>(key, value, now), table);
    }
}
