import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes one completed order; needs org.apache.kafka:kafka-clients and KAFKA_BROKERS=host:port. */
public final class Publish {
  public static void main(String[] arguments) throws Exception {
    String orderId = "o-1";
    // Use your JSON library here. Amounts are decimal text (BigDecimal.toPlainString()), never
    // doubles. The id is derived from the fact: sent again, it is the same event.
    String event =
        """
        {"specversion":"1.0","id":"completed-%1$s","source":"/tea/orders",
         "type":"order-completed","time":"2026-01-05T12:00:00+08:00",
         "datacontenttype":"application/json","data":{
           "shopId":"tea","orderId":"%1$s","currency":"CNY",
           "paidAt":"2026-01-05T10:00:00+08:00","completedAt":"2026-01-05T12:00:00+08:00",
           "items":[{"itemId":"1","supplierId":"s-1","amount":"100.00"}],
           "distributors":["d-1","d-2","d-3"]}}
        """
            .formatted(orderId);

    Map<String, Object> settings =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            System.getenv().getOrDefault("KAFKA_BROKERS", "127.0.0.1:9092"),
            ProducerConfig.CLIENT_ID_CONFIG,
            "tea-shop-orders",
            ProducerConfig.ACKS_CONFIG,
            "all",
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            true);
    try (var producer =
        new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
      byte[] value = event.getBytes(StandardCharsets.UTF_8);
      // get() waits for the acknowledgement, and throws where there is none.
      producer.send(new ProducerRecord<>("order-completed", orderId, value)).get();
    }
    System.out.println(orderId + " is acknowledged");
  }
}
