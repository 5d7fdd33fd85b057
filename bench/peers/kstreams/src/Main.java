import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/** Runs the workload on Kafka Streams until it is stopped. The environment says where; STORE is rocksdb or memory. */
public final class Main {
    private static final String[] TABLES = {"post-minute", "post-hour", "account-minute", "post-total", "account-day"};

    public static void main(String[] arguments) throws InterruptedException {
        Map<String, String> environment = System.getenv();
        Topology topology = topology(environment.get("SOURCE"), environment.get("RUN"), environment.get("STORE").equals("memory"));
        KafkaStreams streams = new KafkaStreams(topology, settings(environment));
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            return StreamThreadExceptionResponse.SHUTDOWN_APPLICATION;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(20))));
        streams.start();
        Thread.currentThread().join();
    }

    private static Topology topology(String source, String run, boolean inMemory) {
        Topology topology = new Topology();
        topology.addSource("deliveries", new StringDeserializer(), new ByteArrayDeserializer(), source);
        topology.addProcessor(Engagement.NAME, Engagement::new, "deliveries");
        Engagement.declareStores(topology, inMemory);
        for (String table : TABLES)
            topology.addSink(table, run + '-' + table, new StringSerializer(), new ByteArraySerializer(), Engagement.NAME);
        return topology;
    }

    private static Properties settings(Map<String, String> environment) {
        Properties chosen = new Properties();
        chosen.put(StreamsConfig.APPLICATION_ID_CONFIG, environment.get("RUN"));
        chosen.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, environment.get("BOOTSTRAP"));
        chosen.put(StreamsConfig.STATE_DIR_CONFIG, environment.get("STATE_DIR"));
        chosen.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        chosen.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 600_000); // the task asks for its commits
        chosen.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L << 20);
        chosen.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SharedMemory.class);
        chosen.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        chosen.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2000);
        chosen.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
        chosen.put(ProducerConfig.LINGER_MS_CONFIG, 100);
        return chosen;
    }
}
